import { app } from "@azure/functions";
import { application } from "./application.ts";
import { everyMethod, httpHandler } from "./http-handler.ts";

app.http("health", {
  route: "health",
  methods: everyMethod,
  authLevel: "anonymous",
  handler: httpHandler(application.health),
});

app.http("health-ready", {
  route: "health/ready",
  methods: everyMethod,
  authLevel: "anonymous",
  handler: httpHandler(application.readiness),
});
