/**
 * After `azd provision`, and so in `azd up`: gives the registration its identifier URIs. Whatever comes
 * of it, the deployment goes on.
 */
import { runTypeScript } from "./typescript.mjs";

if (!(await runTypeScript("./identifier-uris/main.ts", ["add"]))) {
  console.log(
    "The registration's identifier URIs were not looked at. Run npm install, then: azd hooks run postprovision",
  );
}
