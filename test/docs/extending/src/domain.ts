/** The domain that this server serves: replace the folder, and this line. */
export { domain } from "./notes/domain.ts";
