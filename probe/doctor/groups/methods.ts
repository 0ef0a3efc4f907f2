import { statusOf } from "../../shared/exchange.ts";
import { check, finding, group, ok, seen } from "../check.ts";

export const methods = group("methods", "Methods", {
  get: check({ after: ["server.settings", "server.host", "challenge.status"] }, async (patient) => {
    const exchange = await patient.send({
      method: "GET",
      url: patient.target,
      headers: [["Accept", "text/event-stream"]],
    });
    const status = statusOf(exchange);
    if ((status === 405 || status === 401) && !exchange.problem) return ok(String(status));
    const hangs = exchange.problem?.kind === "timeout";
    return finding({
      what: hangs
        ? "GET hangs, and clients that ask for a stream hang with it."
        : "GET is answered neither 405 nor 401.",
      evidence: seen(exchange),
      cause:
        "A gateway that holds GET back or answers it, or a server that opens a stream although it is stateless.",
      remedy: hangs
        ? "Pass GET on to the server, which answers at once, or answer 405 in the gateway."
        : "Answer 405, with Allow: POST, OPTIONS, or 401 where no token comes.",
    });
  }),
});
