import type { ScenarioName } from "../schedule.ts";
import { adopt } from "./adopt.ts";
import { bundle } from "./bundle.ts";
import type { CreateScenario } from "./scenario.ts";
import { install, remove, upgrade } from "./single.ts";

/** The scenarios by name. */
export const scenarios: Readonly<Record<ScenarioName, CreateScenario>> = {
  install,
  upgrade,
  delete: remove,
  bundle,
  adopt,
};
