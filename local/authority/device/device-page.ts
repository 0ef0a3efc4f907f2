import { html } from "../../../src/core/html.ts";
import { accountRefusal } from "../accounts.ts";
import type { Context } from "../context.ts";
import { errorPage, pageResponse, serverMark } from "../pages/page.ts";
import { accountPage } from "../pages/sign-in-page.ts";
import { type Parameters, readForm } from "../parameters.ts";
import { Refusal, traceRefusal } from "../refusal.ts";

/** As Entra's https://microsoft.com/devicelogin. */
export const devicePagePath = "/devicelogin";

/**
 * The page on which somebody enters the code that a device shows, then picks an account.
 *
 * Source: RFC 8628, section 3.3
 */
export async function answerDevicePage(context: Context, request: Request): Promise<Response> {
  if (request.method === "GET") return codePage();
  const form = await readForm(request);
  if (form instanceof Refusal) return refuse(context, form);
  return form.get("sign_in") === undefined ? takeCode(context, form) : decide(context, form);
}

function codePage(problem?: Refusal): Response {
  return pageResponse({
    title: "Enter the code",
    formAction: "'self'",
    status: problem?.status ?? 200,
    content: html`<div class="server">${serverMark}<h1>Enter the code</h1></div>
<p class="request">Enter the code that the application shows you. Do so only if you started it yourself.</p>
${problem && html`<p class="reason" role="alert">${problem.description}</p>`}
<form method="post" action="${devicePagePath}">
<label for="code">Code</label>
<input class="code" id="code" name="user_code" autocomplete="off" autofocus required>
<button class="account">Next</button>
</form>`,
  });
}

function takeCode(context: Context, form: Parameters): Response {
  const entered = context.deviceCodes.enter(form.get("user_code") ?? "");
  if (!entered) {
    context.log("device.refused", { code: "AADSTS70018", reason: "unknown user code" });
    return codePage(
      new Refusal(
        "AADSTS70018",
        "Invalid verification code: it was typed differently, has expired, or was already entered.",
      ),
    );
  }
  const { authorization, signInId } = entered;
  return accountPage(context.tenant, {
    ...authorization,
    signInId,
    action: devicePagePath,
    formAction: "'self'",
    afterwards: "Afterwards you go back to the application by yourself.",
  });
}

async function decide(context: Context, form: Parameters): Promise<Response> {
  const authorization = context.deviceCodes.takeEntered(form.get("sign_in") ?? "");
  if (!authorization) return refuse(context, new Refusal("AADSTS50089"));
  const { client } = authorization;
  if (form.get("cancel") !== undefined) {
    authorization.state = "declined";
    context.log("sign-in.cancelled", { client: client.name });
    return donePage("Not signed in", `${client.name} gets nothing.`);
  }
  const account = context.tenant.accounts.find(({ username }) => username === form.get("account"));
  if (!account) return refuse(context, new Refusal("AADSTS50034"));
  const disabled = accountRefusal(context, account);
  if (disabled) return refuse(context, disabled);
  authorization.state = { account, session: context.sessions.currentOf(account) };
  await context.clients.confirm(client.clientId);
  context.log("sign-in.completed", { client: client.name, account: account.username });
  return donePage("Signed in", `You are signed in to ${client.name}. You can close this page.`);
}

function donePage(title: string, text: string): Response {
  return pageResponse({
    title,
    content: html`<div class="server">${serverMark}<h1>${title}</h1></div>
<p class="request">${text}</p>`,
  });
}

function refuse(context: Context, refusal: Refusal): Response {
  context.log("device.refused", refusal.logFields);
  return errorPage(refusal, traceRefusal(context.now()));
}
