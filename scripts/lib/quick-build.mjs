/**
 * Flags of `go` for programs that are built often, work little and are in no benchmark: without optimization and debug
 * information a build takes two thirds of the time.
 */
export const quickBuild = ["-trimpath", "-ldflags=-s -w", "-gcflags=all=-N -l -dwarf=false"];
