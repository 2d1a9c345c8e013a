// `npm start`: sets up what is missing, then runs the main job before your eyes.
import { requirePrerequisites } from "./lib/prerequisites.mjs";

requirePrerequisites();
const { installPackages } = await import("./lib/install.mjs");
const { step } = await import("./lib/steps.mjs");
try {
  await step("packages", installPackages);
  const { buildAll } = await import("./build.mjs");
  await buildAll();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const { main } = await import("./demo.mjs");
process.exitCode = await main();
