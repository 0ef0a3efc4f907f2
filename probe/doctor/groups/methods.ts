import { statusOf } from "../../shared/exchange.ts";
import { type Check, finding, type Group, ok, seen } from "../check.ts";

const get: Check = {
  id: "methods.get",
  title: "GET is answered 405 at once.",
  after: ["server.settings", "server.host"],
  async run(patient) {
    const exchange = await patient.send({
      method: "GET",
      url: patient.target,
      headers: [["Accept", "text/event-stream"]],
    });
    if (statusOf(exchange) === 405 && !exchange.problem) return ok("405");
    const hangs = exchange.problem?.kind === "timeout";
    return finding({
      what: hangs
        ? "GET hangs, and clients that ask for a stream hang with it."
        : "GET is not answered 405.",
      evidence: seen(exchange),
      cause:
        "A gateway that holds GET back or answers it, or a server that opens a stream although it is stateless.",
      remedy: hangs
        ? "Pass GET on to the server, which answers 405, or answer 405 in the gateway."
        : "Answer 405, with Allow: POST, OPTIONS.",
    });
  },
};

export const methods: Group = { name: "methods", title: "Methods", checks: [get] };
