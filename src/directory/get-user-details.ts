import { z } from "zod";
import { failure, success } from "../core/result.ts";
import type { ApiClient } from "../downstream/api-client.ts";
import { apiToolFailure } from "../downstream/api-failure.ts";
import { defineTool } from "../mcp/define-tool.ts";
import { everyone } from "../mcp/policy.ts";
import type { DefinedTool, ToolFailure } from "../mcp/tool.ts";
import { type Profile, type ProfileFailure, readProfile } from "./profile.ts";

const profileSchema = z.object({
  object_id: z.string().describe("Immutable, within the tenant."),
  display_name: z.string().optional().describe("The whole name."),
  given_name: z.string().optional().describe("The first name."),
  surname: z.string().optional().describe("The family name."),
  user_principal_name: z.string().optional().describe("What the person signs in as."),
  mail: z.string().optional().describe("May be another than that."),
  job_title: z.string().optional().describe("What the person works as."),
  department: z.string().optional().describe("Where in the organisation."),
  office_location: z.string().optional().describe("Where the person's office is."),
  preferred_language: z.string().optional().describe("A language tag, such as en-US."),
});

/** To read it takes User.Read.All, which an administrator would have to grant for everybody. */
const notRead = "this server does not read it from the directory";

const outputSchema = profileSchema.extend({
  manager: z.literal(notRead).describe("Why it is not told who it is."),
});

/** Who the caller is, asked of Microsoft Graph on their behalf. */
export function getUserDetails(client: ApiClient): DefinedTool {
  return defineTool({
    name: "get_user_details",
    title: "Who am I",
    description:
      "Tells who the signed-in person is, from the company directory: name, address, job title, department and office. It does not tell who their manager is.",
    annotations: { readOnlyHint: true, openWorldHint: false },
    inputSchema: z.strictObject({}),
    outputSchema,
    policy: everyone,

    async handler(_input, { caller, signal }) {
      const profile = await readProfile(client, caller, signal);
      return profile.ok
        ? success({ ...shownProfile(profile.value), manager: notRead } as const)
        : failure(profileToolFailure(client, profile.reason));
    },

    present(details) {
      const named = Object.entries(details).filter(([, value]) => value !== undefined);
      return named.map(([name, value]) => `${name.replaceAll("_", " ")}: ${value}`).join("\n");
    },
  });
}

/** A profile as tools and resources show it. */
export function shownProfile(profile: Profile): z.input<typeof profileSchema> {
  const { id, displayName, givenName, userPrincipalName, jobTitle, ...rest } = profile;
  return {
    object_id: id,
    display_name: displayName,
    given_name: givenName,
    surname: rest.surname,
    user_principal_name: userPrincipalName,
    mail: rest.mail,
    job_title: jobTitle,
    department: rest.department,
    office_location: rest.officeLocation,
    preferred_language: rest.preferredLanguage,
  };
}

export function profileToolFailure({ api }: ApiClient, reason: ProfileFailure): ToolFailure {
  if (reason.kind !== "another-person") return apiToolFailure(api, reason);
  // Told as any other answer that cannot be used.
  const { message } = apiToolFailure(api, { kind: "unexpected-response", got: "schema" });
  return { reason: `${api.name}-${reason.kind}`, message };
}
