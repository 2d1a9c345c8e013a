import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { createMemoryRegistry, serveRegistry } from "@tenon/oci";
import { describe, expect, it } from "vitest";

import { loadCommands } from "./commands/index.ts";
import { runFake } from "./fake-io.ts";

describe("run() help", () => {
  it("prints the commands for no arguments, --help, -h and help", async () => {
    const outcomes = await Promise.all(
      [[], ["--help"], ["-h"], ["help"]].map((argv) => runFake(argv)),
    );
    for (const { code, stdout, stderr } of outcomes) {
      expect([code, stdout, stderr]).toEqual([0, outcomes[0]!.stdout, ""]);
    }
    expect(outcomes[0]!.stdout).toContain("mod         Make, check and publish modules");
  });

  it("prints the help of a command, found by alias, with flags before its words", async () => {
    const { stdout } = await runFake(["--namespace", "mod", "mod", "ls", "--help"]);
    expect(stdout).toMatchInlineSnapshot(`
      "Lists the versions of a module, the newest first.

      Usage:
        tenon mod list MODULE_URL [flags]

      Aliases:
        tenon mod ls

      Arguments:
        MODULE_URL  The module, as oci://registry/repository

      Flags:
            --limit integer        Most versions to list; 0 for all (default 100)
            --with-digest          Ask for the digest of each version (default true)
            --creds user:password  Credentials for the registry, or a bearer token; else those of \`registry login\`
        -o, --output format        Output format: text, json, yaml (default text)

      Every command:
            --timeout duration       Time limit: of each wait for a cluster, and of the whole command elsewhere (default 5m)
            --cache-dir dir          Folder of downloaded modules and rendered instances [env: TENON_CACHE_DIR]
            --registry-insecure      Accept plain HTTP and any certificate of registries
            --offline                Ask no registry: read what \`tenon vendor\` wrote; clusters are still asked [env: TENON_OFFLINE]
            --vendor-dir dir         Folder of vendored modules; tenon_modules beside the bundle, else here [env: TENON_VENDOR_DIR]
            --trust-policy file      Trust policy; else tenon.trust.yaml here or above [env: TENON_TRUST_POLICY]
            --registries-conf file   Table of mirrors, in place of those of the system [env: TENON_REGISTRIES_CONF]
            --eval-timeout duration  Time limit of each evaluation of a module, bundle or runtime (default 1m)
            --eval-memory MiB        Memory limit of each evaluation (default 1024)
            --timings                Print on stderr what each evaluation cost
            --no-color               Print without colours [env: NO_COLOR]
        -q, --quiet                  Print errors and data only

      Examples:
        # List the versions
        tenon mod list oci://ghcr.io/org/modules/app

        # Find the newest version quickly
        tenon mod list oci://ghcr.io/org/modules/app --limit 1 --with-digest=false
      "
    `);
  });

  it("prints the commands of a group without a command", async () => {
    const { code, stdout } = await runFake(["inspect"]);
    expect([code, stdout]).toMatchInlineSnapshot(`
      [
        0,
        "Print what the cluster knows about an instance.

      Usage:
        tenon inspect <command>

      Commands:
        module     Print which module an instance was made of
        resources  Print the objects of an instance
        values     Print the values of an instance

      Run \`tenon inspect <command> --help\` for the flags and examples of a command.
      ",
      ]
    `);
  });

  it("is the same whatever arguments follow", async () => {
    const plain = await runFake(["build", "--help"]);
    expect(await runFake(["build", "app", "./app", "-f", "x.yaml", "-h"])).toEqual(plain);
    expect(await runFake(["help", "build"])).toEqual(plain);
  });

  it("has examples, and a summary without a full stop, for every command", async () => {
    for (const { name, examples, summary, args } of await loadCommands()) {
      expect(examples, name).not.toEqual([]);
      expect(
        examples.some(({ line }) => line.includes(`tenon ${name}`)),
        name,
      ).toBe(true);
      expect(summary, name).toMatch(/^[A-Z].*[^.]$/);
      const required = args.map((arg) => arg.required === true);
      expect(required, name).toEqual([...required].sort((a, b) => Number(b) - Number(a)));
    }
  });
});

describe("run() version", () => {
  it("prints YAML, or JSON", async () => {
    const yaml = await runFake(["version"]);
    expect(yaml.stdout).toMatch(
      /^api: timoni\.sh\/v1alpha1\nclient: \d+\.\d+\.\d+\ncue: 0\.\d+\.\d+\n$/,
    );
    expect(await runFake(["version", "-o", "yaml"])).toEqual(yaml);
    expect(await runFake(["version", "--quiet"])).toEqual(yaml);
    const json = await runFake(["version", "-o=json"]);
    expect(Object.keys(JSON.parse(json.stdout) as object)).toEqual(["api", "client", "cue"]);
  });
});

describe("run() command line errors", () => {
  const cases: readonly (readonly [string, readonly string[], string, string])[] = [
    [
      "an unknown command",
      ["aply", "app"],
      'Unknown command "aply" for tenon',
      "Did you mean `tenon apply`? Run `tenon --help` for usage",
    ],
    [
      "an unknown command of a group",
      ["mod", "bogus"],
      'Unknown command "bogus" for tenon mod',
      "Run `tenon mod --help` for usage",
    ],
    [
      "an unknown flag",
      ["mod", "push", "a", "b", "--versoin", "1.0.0"],
      "Unknown flag --versoin",
      "Did you mean --version? Run `tenon mod push --help` for usage",
    ],
    ["an unknown letter", ["list", "-x"], "Unknown flag -x", "Run `tenon list --help` for usage"],
    [
      "a missing argument",
      ["build", "app"],
      "Missing argument MODULE",
      "The command is `tenon build NAME MODULE [flags]`. Run `tenon build --help` for usage",
    ],
    [
      "missing arguments",
      ["build"],
      "Missing arguments NAME and MODULE",
      "The command is `tenon build NAME MODULE [flags]`. Run `tenon build --help` for usage",
    ],
    [
      "an argument too many",
      ["delete", "a", "b"],
      'Unexpected argument "b": tenon delete takes at most 1',
      "Run `tenon delete --help` for usage",
    ],
    [
      "arguments where there are none",
      ["list", "apps"],
      'Unexpected argument "apps": tenon list takes no arguments',
      "Run `tenon list --help` for usage",
    ],
    [
      "a missing flag",
      ["mod", "build", "a", "-o", "a.tar"],
      "--version is missing",
      "Run `tenon mod build --help` for usage",
    ],
    [
      "an output that is a format alone",
      ["mod", "build", "a", "-v", "1.0.0", "-o", "text"],
      "--output is missing",
      "Give a file or folder: -o app.tar. Run `tenon mod build --help` for usage",
    ],
    [
      "two outputs",
      ["mod", "build", "a", "-v", "1.0.0", "-o", "a.tar", "-o", "b.tar"],
      "--output was given as a.tar and b.tar: there is one output, and text, json, yaml beside it",
      "Run `tenon mod build --help` for usage",
    ],
    [
      "a compressed archive",
      ["mod", "build", "a", "-v", "1.0.0", "-o", "a.tar.gz"],
      "--output cannot end in .tar.gz: archives are not compressed",
      "Name it .tar, for its layers are compressed. Run `tenon mod build --help` for usage",
    ],
    [
      "a flag without its value",
      ["list", "-n"],
      "--namespace needs a value",
      "Run `tenon list --help` for usage",
    ],
    [
      "a value that is no choice",
      ["build", "app", ".", "-o", "yml"],
      '--output cannot be "yml": expected yaml, json',
      "Did you mean yaml? Run `tenon build --help` for usage",
    ],
    [
      "a boolean that is neither",
      ["apply", "app", ".", "--wait=maybe"],
      '--wait cannot be "maybe": expected true or false',
      "Run `tenon apply --help` for usage",
    ],
    [
      "flags that need others",
      ["apply", "app", ".", "--exit-code"],
      "--exit-code needs --dry-run or --diff",
      "Run `tenon apply --help` for usage",
    ],
    [
      "no duration",
      ["list", "--timeout", "5"],
      '--timeout cannot be "5": expected a duration',
      "Write it like 90s, 5m or 1h30m. Run `tenon list --help` for usage",
    ],
    [
      "no number",
      ["mod", "list", "oci://localhost:1/a", "--limit", "-1"],
      '--limit cannot be "-1": expected a whole number',
      "Run `tenon mod list --help` for usage",
    ],
    [
      "a number that is too small",
      ["bundle", "diff", "--max-parallel", "0"],
      "--max-parallel has to be at least 1",
      "Run `tenon bundle diff --help` for usage",
    ],
    [
      "an unknown shell",
      ["completion", "csh"],
      'SHELL cannot be "csh": expected bash, zsh, fish',
      "Did you mean zsh? Run `tenon completion --help` for usage",
    ],
  ];
  for (const [title, argv, message, hint] of cases) {
    it(`exits with 2 for ${title}`, async () => {
      const stderr = `error: ${message} [CLI_USAGE]\nhint: ${hint}\n`;
      expect(await runFake(argv)).toEqual({ code: 2, stdout: "", stderr });
    });
  }

  it("prints errors as JSON with -o json", async () => {
    const { code, stdout, stderr } = await runFake(["build", "app", "/no/module", "-o", "json"]);
    expect([code, stdout]).toEqual([2, ""]);
    const { error } = JSON.parse(stderr) as { error: { code: string; hint: string } };
    expect(error.code).toBe("SCHEMA_MODULE_NOT_FOUND");
  });

  it("rejects an unknown engine", async () => {
    const env = { TENON_ENGINE: "v8" };
    const { code, stderr } = await runFake(["build", "app", "."], { env });
    expect(code).toBe(2);
    expect(stderr).toContain("[CLI_ENVIRONMENT_INVALID]");
  });

  it("has no colours but on a terminal that wants them", async () => {
    const [plain, colours, noColor, flag] = await Promise.all([
      runFake(["aply"]),
      runFake(["aply"], { isTTY: true }),
      runFake(["aply"], { isTTY: true, env: { NO_COLOR: "1" } }),
      runFake(["aply", "--no-color"], { isTTY: true }),
    ]);
    expect(plain.stderr).toContain("error: Unknown command");
    expect(colours.stderr).toContain("\u001b[31merror:\u001b[39m");
    expect(noColor.stderr).toBe(plain.stderr);
    expect(flag.stderr).toBe(plain.stderr);
  });
});

describe("run() registry login", () => {
  it("keeps a password that the registry takes, and never prints it", async () => {
    const home = await mkdtemp(path.join(tmpdir(), "tenon-cli-"));
    const credentials = { username: "ann", password: "s3cr3t-word" };
    await using server = await serveRegistry(createMemoryRegistry(), { credentials });
    const login = (password: string): ReturnType<typeof runFake> =>
      runFake(["registry", "login", server.host, "-u", "ann", "--password", password], {
        env: { HOME: home },
      });
    const wrong = await login("wr0ng-word");
    expect(wrong.code).toBe(1);
    expect(wrong.stdout + wrong.stderr).not.toContain("wr0ng-word");
    const right = await login("s3cr3t-word");
    expect(right).toMatchObject({ code: 0, stderr: "" });
    const config = path.join(home, ".docker/config.json");
    expect(await readFile(config, "utf8")).toContain(server.host);
    const stdin = await runFake(
      ["registry", "login", server.host, "-u", "ann", "--password-stdin"],
      { env: { HOME: home }, stdin: "s3cr3t-word\n" },
    );
    expect(stdin.code).toBe(0);
    await runFake(["registry", "logout", server.host], { env: { HOME: home } });
    expect(await readFile(config, "utf8")).not.toContain(server.host);
    await rm(home, { recursive: true });
  });
});

describe("run() registry serve", () => {
  it("serves until it is interrupted", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const argv = ["registry", "serve", "--address", "127.0.0.1:0", "--quiet"];
    const { code, stdout, stderr } = await runFake(argv, { signal: controller.signal });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^serving oci:\/\/127\.0\.0\.1:\d+ from memory\n$/);
  });

  it.each([
    [["--address", "localhost"], "expected host:port"],
    [["--read-only"], "give --dir too"],
    [["--read-only", "--dir", "no-such-folder"], "no-such-folder is no folder"],
    [["-u", "ann"], "--username needs a password"],
    [["-u", "a:b"], "--username must not be empty or have a colon"],
    [["--password-stdin"], "--password-stdin needs --username"],
    [["--tls-cert", "cert.pem"], "--tls-cert and --tls-key go together"],
    [["--tls-cert", "no-such-file", "--tls-key", "key"], "--tls-cert cannot be read"],
  ])("exits with 2 for %j", async (flags, why) => {
    const { code, stderr } = await runFake(["registry", "serve", ...flags]);
    expect(code).toBe(2);
    expect(stderr).toContain(why);
  });
});

describe("run() against a registry", () => {
  it("fails with 1 for a module that is not there", async () => {
    await using server = await serveRegistry(createMemoryRegistry());
    const { code, stdout, stderr } = await runFake(["mod", "list", `oci://${server.host}/app`]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("[OCI_NAME_UNKNOWN]");
  });
});
