import { app } from "@azure/functions";
import { application } from "./application.ts";
import { bridge, everyMethod } from "./bridge.ts";

app.http("health", {
  route: "health",
  methods: everyMethod,
  authLevel: "anonymous",
  handler: bridge(application.health),
});

app.http("health-ready", {
  route: "health/ready",
  methods: everyMethod,
  authLevel: "anonymous",
  handler: bridge(application.readiness),
});
