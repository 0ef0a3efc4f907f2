/**
 * After `azd provision`, and so in `azd up`: gives the registration its identifier URIs, and looks at
 * the gateway's registration. Whatever comes of it, the deployment goes on.
 */
import { runTypeScript } from "./typescript.mjs";

const problem = await runTypeScript("./identifier-uris/main.ts", ["add"]);
if (problem) {
  console.log(`The registrations were not looked at. ${problem}`);
  console.log("To try again: azd hooks run postprovision");
}
