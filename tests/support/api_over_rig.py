"""The API in this process over an engine and a recorder that are real, and a cluster in a dict."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragops.model.program import Program
from dragops_api.engines import Engines
from support.api_door import Door, open_door
from support.processes import Rig
from support.product import LOGGER

API = "dragops:dragops-api"


@dataclass
class ApiOverRig:
    """The API's door, and what stands behind it."""

    door: Door
    rig: Rig

    async def deployed(self, program: Program, **changes: Any) -> str:
        """Deploy by REST what the engine is then given as this program; give the id."""
        _, deployment = await self.door.deployed(LOGGER, "Of a test")
        name = deployment.replace("_", "-", 1)
        uid = self.door.cluster.objects["patterndeployments", "team-a", name]["metadata"]["uid"]
        self.rig.folder.deploy_program(program, name, uid=uid, **changes)
        engines: Engines = self.door.parts.engines
        while not await engines._holders("team-a", uid):  # noqa: ASYNC110 over the wire
            await asyncio.sleep(0.02)
        return deployment

    async def begun(self, deployment: str, **event: Any) -> str:
        """Execute without waiting; give the run's id."""
        path = f"/api/deployments/{deployment}/execute?wait=0"
        run = await self.door.data("POST", path, {"eventData": event})
        return str(run["runId"])

    async def ended(self, run_id: str) -> dict[str, Any]:
        """Wait until a run has ended; give it."""
        while True:
            run: dict[str, Any] = await self.door.data("GET", f"/api/runs/{run_id}")
            if run["status"] not in {"accepted", "running"}:
                return run
            await asyncio.sleep(0.02)


@asynccontextmanager
async def api_over(rig: Rig, place: Path) -> AsyncIterator[ApiOverRig]:
    """Open the API's door over a running rig."""
    async with open_door(
        place,
        store=rig.store,
        engines=(f"team-a={rig.public_url}|{rig.internal_url}",),
        recorder_url=rig.recorder_url,
        engine_token_file=rig.issuer.token_file(API, audience="dragops-engine"),
        recorder_token_file=rig.issuer.token_file(API, audience="dragops-recorder"),
    ) as door:
        yield ApiOverRig(door, rig)
