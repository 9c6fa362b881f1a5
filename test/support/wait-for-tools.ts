// Set-up of every test file that runs the lab's tools.
import { waitForTools } from "./tools-at-hand.ts";

await waitForTools();
