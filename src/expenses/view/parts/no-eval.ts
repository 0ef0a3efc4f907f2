import { config } from "zod/v4/core";

// A strict content security policy forbids `new Function`, by which zod would make its parsers faster:
// each try is reported as a violation. Imported before everything that defines a schema.
config({ jitless: true });
