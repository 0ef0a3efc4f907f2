import { app } from "@azure/functions";
import { application } from "./application.ts";
import { everyMethod, httpHandler } from "./http-handler.ts";

const handler = httpHandler(application.protectedResourceMetadata);

app.http("protected-resource-metadata", {
  route: ".well-known/oauth-protected-resource/mcp",
  methods: everyMethod,
  authLevel: "anonymous",
  handler,
});

// Several clients ask the root first, or only.
app.http("protected-resource-metadata-root", {
  route: ".well-known/oauth-protected-resource",
  methods: everyMethod,
  authLevel: "anonymous",
  handler,
});
