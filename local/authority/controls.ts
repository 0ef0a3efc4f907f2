import { z } from "zod";
import { parseJson } from "../../src/core/encoding.ts";
import type { Context } from "./context.ts";
import { errorCodes } from "./refusal.ts";
import { claimsRequestSchema } from "./tokens/claims-request.ts";

const demandSchema = z.object({
  username: z.string(),
  /** Default AADSTS50076: more authentication is needed. */
  code: z.enum(errorCodes).optional(),
  /** Default for AADSTS50076: the authentication context `c1`. */
  claims: claimsRequestSchema.optional(),
});

/** Whose exchanges are refused, and how. */
export type DemandRequest = z.output<typeof demandSchema>;

const stepUp = { access_token: { acrs: { essential: true, value: "c1" } } };

/**
 * From now on the exchanges of that account are refused with the code, until the caller's token
 * carries what the claims ask for or all are ended.
 *
 * @returns what is wrong with the request, if so
 */
export function makeDemand(context: Context, request: DemandRequest): string | undefined {
  const { username, code = "AADSTS50076" } = request;
  const { accounts } = context.tenant;
  const account = accounts.find((known) => known.username === username);
  if (!account) {
    const names = accounts.map((known) => known.username).join(", ");
    return `There is no account ${username}. There are: ${names}.`;
  }
  const claims = request.claims ?? (code === "AADSTS50076" ? stepUp : undefined);
  context.controls.demands.set(account.objectId, { code, claims });
  return undefined;
}

const outageSchema = z.object({
  keys: z.boolean().default(false),
  token: z.boolean().default(false),
});

/** `POST /_local/demands` makes one, `DELETE /_local/demands` ends all. */
export async function answerDemands(context: Context, request: Request): Promise<Response> {
  if (request.method === "DELETE") {
    context.controls.demands.clear();
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
