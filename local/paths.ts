import { join } from "node:path";

/** The project's own folder. */
export const projectFolder = join(import.meta.dirname, "..");

/** Where laptop stacks keep their certificate and data. */
export const dataFolder = join(projectFolder, ".local");

/** What is deployed, made by `npm run build`. */
export const applicationFolder = join(projectFolder, "dist");
