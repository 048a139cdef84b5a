// Command localcluster is a whole Kubernetes in one file: its first argument says which part it is.
// One link step instead of eight, and one file on the disk: the parts share nearly all their code.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// Constructors, not commands: building one registers its flags and metrics for the whole process.
var parts = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllers.NewControllerManagerCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kube-proxy":              proxy.NewProxyCommand,
	"kubelet":                 func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) },
	"kubectl":                 kubectl.NewDefaultKubectlCommand,
	"cron":                    newCronCommand,
}

func main() {
	name := strings.Join(os.Args[1:min(2, len(os.Args))], "")
	// etcd reads os.Args itself and takes its own name for a subcommand.
	if name == "etcd" {
		etcdmain.Main(os.Args[1:])
		return
	}
	part, known := parts[name]
	if !known {
		names := strings.Join(slices.Sorted(maps.Keys(parts)), "|")
		fmt.Fprintf(os.Stderr, "usage: localcluster etcd|%s [flags]\n", names)
		os.Exit(2)
	}
	os.Args = append([]string{name}, os.Args[2:]...)
	os.Exit(cli.Run(part()))
}
