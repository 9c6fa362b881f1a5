// Takes the labs down when the last lab test file has ended: their idle clusters would slow down all that still runs.
import type { Reporter, TestModule, TestSpecification } from "vitest/node";

const isOfLab = ({ project }: Pick<TestModule | TestSpecification, "project">) => project.name === "lab";

/** Watches the files of project `lab`, and says nothing. */
export class LabsEnd implements Reporter {
  #left = 0;

  onTestRunStart(files: readonly TestSpecification[]): void {
    this.#left = files.filter(isOfLab).length;
  }

  async onTestModuleEnd(file: TestModule): Promise<void> {
    if (!isOfLab(file) || --this.#left > 0) return;
    // Not before it is needed: the lab is a lot to read.
    const { takeDownAll } = await import("./lab-set-up.ts");
    await takeDownAll();
  }
}
