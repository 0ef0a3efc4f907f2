/** A Functions app that serves the suite's fixtures where the application serves its own tools. */
import { app } from "@azure/functions";
import { bridge } from "../../../functions/bridge.ts";
import { endpoint } from "./endpoint.ts";

app.http("mcp", {
  route: "mcp",
  methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
  authLevel: "anonymous",
  handler: bridge(endpoint),
});

app.setup({ enableHttpStream: true });
