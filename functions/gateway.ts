import { app } from "@azure/functions";
import { gatewayRoutes } from "../src/gateway/routes.ts";
import { application } from "./application.ts";
import { everyMethod, httpHandler } from "./http-handler.ts";

// Where the gateway is off, none of its paths is there.
for (const { name, route, endpoint } of gatewayRoutes) {
  const served = application.gateway?.[endpoint];
  if (!served) continue;
  app.http(name, {
    route,
    methods: everyMethod,
    // Each has gates of its own, as `/mcp` has.
    authLevel: "anonymous",
    handler: httpHandler(served),
  });
}
