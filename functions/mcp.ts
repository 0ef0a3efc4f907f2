import { app } from "@azure/functions";
import { application } from "./application.ts";
import { bridge } from "./bridge.ts";

app.http("mcp", {
  route: "mcp",
  // Every method that a request can have: the host answers one that no function registers with 404,
  // where clients expect 405. TRACE and CONNECT cannot be represented as a web request at all.
  methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
  // The access token is the gate, not a key of the platform.
  authLevel: "anonymous",
  handler: bridge(application.mcp),
});
