// Command device-plugin-config reads a device plugin configuration on standard input, takes it
// through NVIDIA's own parser as the plugin does at its start, and prints the result as JSON.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	spec "github.com/NVIDIA/k8s-device-plugin/api/config/v1"
	"github.com/urfave/cli/v2"
)

// pluginFlags are the plugin's own options with its defaults, which a file may override.
func pluginFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "mig-strategy", Value: spec.MigStrategyNone},
		&cli.BoolFlag{Name: "fail-on-init-error", Value: true},
		&cli.StringFlag{Name: "nvidia-driver-root", Value: "/"},
		&cli.StringFlag{Name: "nvidia-dev-root"},
		&cli.BoolFlag{Name: "pass-device-specs"},
		&cli.StringSliceFlag{Name: "device-list-strategy", Value: cli.NewStringSlice(string(spec.DeviceListStrategyEnvVar))},
		&cli.StringFlag{Name: "device-id-strategy", Value: spec.DeviceIDStrategyUUID},
		&cli.BoolFlag{Name: "gdrcopy-enabled", Value: true},
		&cli.BoolFlag{Name: "gds-enabled", Value: true},
		&cli.BoolFlag{Name: "mofed-enabled", Value: true},
		&cli.StringFlag{Name: "cdi-annotation-prefix", Value: spec.DefaultCDIAnnotationPrefix},
		&cli.StringFlag{Name: "nvidia-ctk-path", Value: spec.DefaultNvidiaCTKPath},
		&cli.StringFlag{Name: "container-driver-root", Value: spec.DefaultContainerDriverRoot},
		&cli.StringFlag{Name: "mps-root", Value: "/run/nvidia/mps"},
		&cli.StringFlag{Name: "device-discovery-strategy", Value: "auto"},
		&cli.IntSliceFlag{Name: "imex-channel-ids"},
		&cli.BoolFlag{Name: "imex-required"},
		&cli.StringFlag{Name: "config-file"},
	}
}

// load runs the parser on a file, with the given options standing in for the plugin's command line.
func load(file string, flags []cli.Flag) (*spec.Config, error) {
	var config *spec.Config
	application := &cli.App{
		Name:      "device-plugin-config",
		Flags:     pluginFlags(),
		Writer:    io.Discard,
		ErrWriter: io.Discard,
		Action: func(context *cli.Context) (err error) {
			config, err = spec.NewConfig(context, flags)
			return err
		},
	}
	if err := application.Run([]string{application.Name, "--config-file", file}); err != nil {
		return nil, err
	}
	spec.DisableResourceNamingInConfig(config)
	return config, nil
}

// refuse names what the plugin would stop at after its parser let the configuration pass.
func refuse(config *spec.Config) error {
	flags := config.Flags
	if _, err := spec.NewDeviceListStrategies(*flags.Plugin.DeviceListStrategy); err != nil {
		return err
	}
	identifiers := []string{spec.DeviceIDStrategyUUID, spec.DeviceIDStrategyIndex}
	if !slices.Contains(identifiers, *flags.Plugin.DeviceIDStrategy) {
		return fmt.Errorf("unknown device id strategy: %s", *flags.Plugin.DeviceIDStrategy)
	}
	strategies := []string{spec.MigStrategyNone, spec.MigStrategySingle, spec.MigStrategyMixed}
	if !slices.Contains(strategies, *flags.MigStrategy) {
		return fmt.Errorf("unknown MIG strategy: %s", *flags.MigStrategy)
	}
	if !slices.Contains([]string{"auto", "nvml", "tegra"}, *flags.DeviceDiscoveryStrategy) {
		return fmt.Errorf("unknown device discovery strategy: %s", *flags.DeviceDiscoveryStrategy)
	}
	if config.Sharing.SharingStrategy() == spec.SharingStrategyMPS && *flags.MigStrategy == spec.MigStrategyMixed {
		return errors.New("MPS does not work with the MIG strategy mixed")
	}
	return spec.AssertChannelIDsValid(config.Imex.ChannelIDs)
}

// run prints the file's own settings, or with effective what the plugin would work with.
func run(effective bool) error {
	file, err := os.CreateTemp("", "device-plugin-config-*.yaml")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if _, err := io.Copy(file, os.Stdin); err != nil {
		return err
	}
	complete, err := load(file.Name(), pluginFlags())
	if err != nil {
		return err
	}
	complete.Flags.GFD = nil
	if err := refuse(complete); err != nil {
		return err
	}
	shown := complete
	if !effective {
		if shown, err = load(file.Name(), nil); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(shown)
}

func main() {
	effective := len(os.Args) == 2 && os.Args[1] == "--effective"
	if len(os.Args) > 1 && !effective {
		fmt.Fprintln(os.Stderr, "usage: device-plugin-config [--effective] < config.yaml")
		os.Exit(2)
	}
	if err := run(effective); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
