import { statusOf } from "../../shared/exchange.ts";
import { type Check, finding, type Group, ok, seen } from "../check.ts";

const get: Check = {
  id: "methods.get",
  title: "GET is answered at once: 405, or 401 and where to sign in.",
  after: ["server.settings", "server.host", "challenge.status"],
  async run(patient) {
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
  },
};

export const methods: Group = { name: "methods", title: "Methods", checks: [get] };
