import { z } from "zod";
import { createCoalescingCache, type Loaded } from "../core/cache.ts";
import type { Caller } from "../core/caller.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { ApiClient } from "../downstream/api-client.ts";
import { type ApiFailure, failureReason, signInDemand } from "../downstream/api-failure.ts";
import { tokenDigest } from "../downstream/token-exchange.ts";
import type { AdministratorCheck } from "../mcp/policy.ts";

export interface GroupMembership {
  /** Whether the caller belongs to the group, directly or through other groups. */
  isMember(
    caller: Caller,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Result<boolean, ApiFailure>>;
}

export interface GroupMembershipOptions {
  readonly client: ApiClient;
  /** The group's object id, a GUID. Without it nobody is a member, and nobody is asked. */
  readonly groupId: string | undefined;
  /** Milliseconds by a clock that nobody sets: it measures durations alone. */
  readonly now: () => number;
}

/** Who leaves the group counts as a member for up to this long. */
export const memberForMilliseconds = 5 * 60_000;
/** Shorter, because who has just joined is waiting for it. */
export const notMemberForMilliseconds = 60_000;
const maximumPeople = 10_000;

const responseSchema = z.object({
  "@odata.count": z.int().nonnegative(),
  value: z.array(z.object({ id: z.string() })),
});

/**
 * Membership of one group, asked of Graph on the caller's behalf. It belongs to the person, so it is
 * remembered by tenant and object id, whichever client they use; a failure is not remembered, and
 * is shared only between concurrent calls that were made with the same access token, so that what one
 * token lacks is asked of no other.
 *
 * Source: https://learn.microsoft.com/graph/api/user-list-transitivememberof
 */
export function createGroupMembership({
  client,
  groupId,
  now,
}: GroupMembershipOptions): GroupMembership {
  if (groupId === undefined) return { isMember: async () => success(false) };

  const filter = encodeURIComponent(`id eq '${groupId}'`);
  const path =
    `/v1.0/me/transitiveMemberOf/microsoft.graph.group?$count=true&$filter=${filter}&$select=id` as const;
  const cache = createCoalescingCache<Result<boolean, ApiFailure>>({
    maximumEntries: maximumPeople,
    now,
  });

  async function load(caller: Caller, group: string): Promise<Loaded<Result<boolean, ApiFailure>>> {
    // Counting and filtering here are advanced queries, which need this header:
    // https://learn.microsoft.com/graph/aad-advanced-queries
    const response = await client.get(caller, path, { headers: { ConsistencyLevel: "eventual" } });
    const value = response.ok ? judge(response.value, group) : response;
    if (!value.ok) return { value, usableFor: 0 };
    return { value, usableFor: value.value ? memberForMilliseconds : notMemberForMilliseconds };
  }

  return {
    async isMember(caller, { signal } = {}) {
      try {
        return await cache.get(
          `${caller.tenantId} ${caller.objectId}`,
          () => load(caller, groupId),
          { signal, flight: tokenDigest(caller) },
        );
      } catch (error) {
        if (signal?.aborted) return failure({ kind: "cancelled" });
        throw error;
      }
    },
  };
}

/** Another group in the answer would mean that the filter was not applied: it then proves nothing. */
function judge(body: unknown, groupId: string): Result<boolean, ApiFailure> {
  const response = responseSchema.safeParse(body);
  const asked = ({ id }: { id: string }) => id.toLowerCase() === groupId.toLowerCase();
  if (!response.success || !response.data.value.every(asked)) {
    return failure({ kind: "unexpected-response", status: 200, got: "schema" });
  }
  return success(response.data["@odata.count"] > 0);
}

/** Whether a caller is an administrator of the server: a member of the group. */
export function createAdministratorCheck(options: GroupMembershipOptions): AdministratorCheck {
  const administrators = createGroupMembership(options);
  return async (caller, signal) => {
    const member = await administrators.isMember(caller, { signal });
    if (member.ok) return member;
    const { reason } = member;
    return failure({
      cause: failureReason(options.client.api.name, reason),
      ...signInDemand(reason),
    });
  };
}
