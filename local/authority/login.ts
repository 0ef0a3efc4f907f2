import { randomBytes } from "node:crypto";
import { accountRefusal } from "./accounts.ts";
import { authorizationResponse } from "./authorization-response.ts";
import { confirmClient } from "./client-documents/find-client.ts";
import type { Context } from "./context.ts";
import { errorPage } from "./pages/page.ts";
import { readForm } from "./parameters.ts";
import { Refusal, traceRefusal } from "./refusal.ts";
import { clientInfo } from "./tokens/tokens.ts";

/** Milliseconds. */
const codeLifetime = 10 * 60 * 1000;

/**
 * Takes what somebody chose on the sign-in page and sends the browser back to the client. The id
 * in the form works once; without having been served the page nobody can know it.
 */
export async function answerLogin(context: Context, request: Request): Promise<Response> {
  const form = await readForm(request);
  if (form instanceof Refusal) return refuse(context, form);
  const pending = context.pendingSignIns.take(form.get("sign_in") ?? "");
  if (!pending) return refuse(context, new Refusal("AADSTS50089"));

  if (form.get("cancel") !== undefined) {
    context.log("sign-in.cancelled", { client: pending.client.name });
    return authorizationResponse(pending, new Refusal("AADSTS65004"));
  }
  const username = form.get("account");
  const account = context.tenant.accounts.find((known) => known.username === username);
  if (!account) {
    return refuse(
      context,
      new Refusal(
        "AADSTS50034",
        `The user account ${username ?? ""} does not exist in the directory.`,
      ),
    );
  }
  const disabled = accountRefusal(context, account);
  if (disabled) return refuse(context, disabled);

  const code = randomBytes(32).toString("base64url");
  context.codes.set(code, {
    grant: {
      account,
      client: pending.client,
      authentication: "none",
      scopes: pending.scopes,
      claims: pending.claims,
      session: context.sessions.currentOf(account),
      nonce: pending.nonce,
    },
    expiresAt: context.now() + codeLifetime,
    redirectUri: pending.redirectUri,
    codeChallenge: pending.codeChallenge,
    redeemed: false,
  });
  await confirmClient(context, pending.client);
  context.log("sign-in.completed", { client: pending.client.name, account: account.username });
  return authorizationResponse(pending, {
    code,
    ...(pending.wantsClientInfo ? { client_info: clientInfo(context.tenant, account) } : {}),
  });
}

function refuse(context: Context, refusal: Refusal): Response {
  context.log("sign-in.refused", refusal.logFields);
  return errorPage(refusal, traceRefusal(context.now()));
}
