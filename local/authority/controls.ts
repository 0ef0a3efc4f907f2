import type { JWTPayload } from "jose";
import { z } from "zod";
import { parseJson } from "../../src/core/encoding.ts";
import type { Account } from "../directory.ts";
import type { Context, Controls } from "./context.ts";
import { errorCodes, Refusal } from "./refusal.ts";
import { claimsRequestSchema, satisfiesChallenge } from "./tokens/claims-request.ts";

const demandSchema = z.object({
  username: z.string(),
  /** Default AADSTS50076: more authentication is needed. */
  code: z.enum(errorCodes).optional(),
  /** Default for AADSTS50076: the authentication context `c1`. */
  claims: claimsRequestSchema.optional(),
  /** Default: exchanges on behalf of. */
  at: z.enum(["exchange", "refresh"]).optional(),
});

/** Whose exchanges or refreshes are refused, and how. */
export type DemandRequest = z.output<typeof demandSchema>;

const stepUp = { access_token: { acrs: { essential: true, value: "c1" } } };

/**
 * From now on the exchanges or the refreshes of that account are refused with the code, until the
 * caller's token carries, or the refresh token stands for, what the claims ask for, or all are ended.
 *
 * @returns what is wrong with the request, if so
 */
export function makeDemand(context: Context, request: DemandRequest): string | undefined {
  const { username, code = "AADSTS50076", at = "exchange" } = request;
  const account = accountOf(context, username);
  if (typeof account === "string") return account;
  const claims = request.claims ?? (code === "AADSTS50076" ? stepUp : undefined);
  context.controls.demands[at].set(account.objectId, { code, claims });
  return undefined;
}

/** What has been arranged to happen to this person's exchanges or refreshes. */
export function demandRefusal(
  { controls }: Context,
  at: keyof Controls["demands"],
  { objectId }: Account,
  held: JWTPayload,
): Refusal | undefined {
  const demand = controls.demands[at].get(objectId);
  if (!demand || (demand.claims && satisfiesChallenge(held, demand.claims))) return undefined;
  const { code, claims } = demand;
  return new Refusal(code, undefined, claims ? JSON.stringify(claims) : undefined);
}

const accountChangeSchema = z.strictObject({
  username: z.string(),
  /** Refuses what earlier sign-ins of the person have left: codes and refresh tokens. */
  revokeSessions: z.boolean().optional(),
  enabled: z.boolean().optional(),
});

/** What happens to an account. */
export type AccountChange = z.output<typeof accountChangeSchema>;

/** @returns what is wrong with the request, if so */
export async function changeAccount(
  context: Context,
  { username, revokeSessions = false, enabled }: AccountChange,
): Promise<string | undefined> {
  const account = accountOf(context, username);
  if (typeof account === "string") return account;
  if (revokeSessions) await context.sessions.revoke(account);
  const { disabledAccounts } = context.controls;
  if (enabled === true) disabledAccounts.delete(account.objectId);
  if (enabled === false) disabledAccounts.add(account.objectId);
  return undefined;
}

/** @returns the account, or that there is none */
function accountOf({ tenant: { accounts } }: Context, username: string): Account | string {
  const names = accounts.map((known) => known.username).join(", ");
  const account = accounts.find((known) => known.username === username);
  return account ?? `There is no account ${username}. There are: ${names}.`;
}

/** `POST /_local/accounts` revokes an account's sign-ins, disables it or enables it. */
export async function answerAccounts(context: Context, request: Request): Promise<Response> {
  const change = await readControl(request, accountChangeSchema);
  if (change instanceof Response) return change;
  const problem = await changeAccount(context, change);
  return problem === undefined ? noContent() : badRequest(problem);
}

const outageSchema = z.object({
  keys: z.boolean().default(false),
  token: z.boolean().default(false),
});

/** `POST /_local/demands` makes one, `DELETE /_local/demands` ends all. */
export async function answerDemands(context: Context, request: Request): Promise<Response> {
  if (request.method === "DELETE") {
    for (const demands of Object.values(context.controls.demands)) demands.clear();
    return noContent();
  }
  const demand = await readControl(request, demandSchema);
  if (demand instanceof Response) return demand;
  const problem = makeDemand(context, demand);
  return problem === undefined ? noContent() : badRequest(problem);
}

/** `POST /_local/outage` says which endpoints answer 503 from now on: `{}` ends it. */
export async function answerOutage(context: Context, request: Request): Promise<Response> {
  const outage = await readControl(request, outageSchema);
  if (outage instanceof Response) return outage;
  context.controls.outage = outage;
  return noContent();
}

/**
 * The JSON of a control request. A page in the browser could reach loopback addresses too: asking
 * for this content type makes the browser ask first, and these paths grant nothing to other origins.
 */
export async function readControl<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema> | Response> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") return badRequest("The content type must be application/json.");
  const parsed = schema.safeParse(parseJson(await request.text()));
  return parsed.success ? parsed.data : badRequest(z.prettifyError(parsed.error));
}

export function badRequest(message: string): Response {
  return Response.json({ error: message }, { status: 400 });
}

export function noContent(): Response {
  return new Response(null, { status: 204 });
}
