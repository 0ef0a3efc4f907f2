/** The domain that this server serves: replace the folder, and this line. */
export { domain } from "./expenses/domain.ts";
