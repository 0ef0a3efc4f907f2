import { failure, success } from "../core/result.ts";
import type { ApiClient } from "../downstream/api-client.ts";
import { defineResource } from "../mcp/define-resource.ts";
import type { DefinedResource } from "../mcp/offer.ts";
import { withPlainLines } from "../mcp/plain-lines.ts";
import { everyone } from "../mcp/policy.ts";
import { profileToolFailure, shownProfile } from "./get-user-details.ts";
import { readProfile } from "./profile.ts";

/**
 * Who the caller is, to be read instead of asked for with `get_user_details`.
 *
 * @param uri names it within the domain, such as `notes://me/profile`
 */
export function profileResource(client: ApiClient, uri: string): DefinedResource {
  return defineResource({
    name: "profile",
    title: "Who I am",
    description:
      "Who the signed-in person is, from the company directory: name, address, job title, department and office.",
    uri,
    mediaType: "application/json",
    policy: everyone,
    async read(_variables, { caller, signal }) {
      const profile = await readProfile(client, caller, signal);
      return profile.ok
        ? success({ text: JSON.stringify(withPlainLines(shownProfile(profile.value))) })
        : failure(profileToolFailure(client, profile.reason));
    },
  });
}
