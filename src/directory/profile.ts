import { z } from "zod";
import type { Caller } from "../core/caller.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { ApiClient } from "../downstream/api-client.ts";
import type { ApiFailure } from "../downstream/api-failure.ts";

/** Who the caller is, as the directory has it. What the directory does not hold is absent. */
export interface Profile {
  /** The caller's object id. */
  readonly id: string;
  readonly displayName?: string;
  readonly givenName?: string;
  readonly surname?: string;
  readonly userPrincipalName?: string;
  readonly mail?: string;
  readonly jobTitle?: string;
  readonly department?: string;
  readonly officeLocation?: string;
  /** A language tag: `en-US`. */
  readonly preferredLanguage?: string;
}

export type ProfileFailure =
  | ApiFailure
  /** Graph answered with somebody else's profile, which goes no further. */
  | { readonly kind: "another-person" };

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

const profileSchema = z.object({
  id: z.string(),
  displayName: text,
  givenName: text,
  surname: text,
  userPrincipalName: text,
  mail: text,
  jobTitle: text,
  department: text,
  officeLocation: text,
  preferredLanguage: text,
});

const path = `/v1.0/me?$select=${Object.keys(profileSchema.shape).join(",")}` as const;

/** Source: https://learn.microsoft.com/graph/api/user-get */
export async function readProfile(
  client: ApiClient,
  caller: Caller,
  signal?: AbortSignal,
): Promise<Result<Profile, ProfileFailure>> {
  const response = await client.get(caller, path, { signal });
  if (!response.ok) return response;
  const profile = profileSchema.safeParse(response.value);
  if (!profile.success) {
    return failure({ kind: "unexpected-response", status: 200, got: "schema" });
  }
  if (profile.data.id.toLowerCase() !== caller.objectId.toLowerCase()) {
    return failure({ kind: "another-person" });
  }
  return success(profile.data);
}
