"""The product's images, built from their Dockerfiles by the Docker engine of this machine."""

from dragops_localcluster.app_image import PARTS, REPOSITORY, Part
from dragops_localcluster.docker_programs import DockerPrograms


def build_in_docker(programs: DockerPrograms) -> dict[str, str]:
    """Build every image; give their references, each named by its content, by name of part."""
    return {part.name: _build(part, programs) for part in PARTS}


def _build(part: Part, programs: DockerPrograms) -> str:
    name, identity = f"localhost/dragops-{part.name}", programs.folder / f"{part.name}.id"
    words = [f"--file={REPOSITORY / part.dockerfile}", f"--iidfile={identity}", f"--tag={name}"]
    what = f"building the image of {part.name}"
    programs.run(what, "docker", "build", *words, str(REPOSITORY))
    reference = f"{name}:{identity.read_text().strip().removeprefix('sha256:')[:16]}"
    programs.ask("docker", "tag", name, reference)
    return reference
