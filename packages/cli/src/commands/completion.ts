import { completionScript, shells } from "../completion/scripts.ts";
import { type Command, defineCommand } from "../define-command.ts";
import { usageError } from "../errors.ts";

export const completion: Command = defineCommand({
  name: "completion",
  summary: "Print the completion script of a shell",
  description:
    "Prints a script that completes commands, flags, files and the names of instances in a shell.",
  args: [{ name: "shell", summary: "The shell", required: true, choices: shells }],
  flags: {},
  examples: [
    { about: "Complete in this bash", line: "source <(tenon completion bash)" },
    { about: "In every zsh", line: 'tenon completion zsh > "${fpath[1]}/_tenon"' },
    {
      about: "In every fish",
      line: "tenon completion fish > ~/.config/fish/completions/tenon.fish",
    },
  ],
  run({ args }) {
    const shell = shells.find((name) => name === args.shell);
    if (shell === undefined) throw usageError("completion", `Unknown shell ${args.shell}`);
    return Promise.resolve({ text: completionScript(shell) });
  },
});
