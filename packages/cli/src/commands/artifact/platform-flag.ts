/** `--platform`. */
export const platformFlag = {
  type: "strings",
  split: true,
  value: "os/arch",
  summary:
    "Of images for many platforms take only these, such as linux/amd64,linux/arm64; all unless given",
} as const;
