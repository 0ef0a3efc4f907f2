/** Microsoft Graph, asked on the caller's behalf. */

export {
  createGraphClient,
  type GetOptions,
  type GraphClient,
  type GraphClientOptions,
} from "./client.ts";
export type { GraphFailure } from "./graph-failure.ts";
export {
  createGroupMembership,
  type GroupMembership,
  type GroupMembershipOptions,
  memberForMilliseconds,
  notMemberForMilliseconds,
} from "./group-membership.ts";
export { type Profile, type ProfileFailure, readProfile } from "./profile.ts";
