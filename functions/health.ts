import { app } from "@azure/functions";
import { application } from "./application.ts";
import { bridge } from "./bridge.ts";

app.http("health", {
  route: "health",
  methods: ["GET"],
  authLevel: "anonymous",
  handler: bridge(application.health),
});

app.http("health-ready", {
  route: "health/ready",
  methods: ["GET"],
  authLevel: "anonymous",
  handler: bridge(application.readiness),
});
