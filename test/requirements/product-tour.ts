import type { Requirements } from "./requirement.ts";

export const tourRequirements = {
  "docs/tour.md": {
    "tour.served":
      "Each of 25 things that people ask in a chat is served by at most two calls (three with an approval), each answer within 4,000 characters unless it is a list.",
    "tour.kept": "The tour shows the calls and answers of the server as it is.",
  },
  "docs/tools.md": {
    "product.walk":
      "Clients of both eras reach every tool, resource, template, prompt and completion over the whole stack.",
    "product.each-form":
      "A host that hands its model the text alone, or the structured content alone, loses nothing that the next call needs: ids, versions, confirmations, URIs.",
  },
  "docs/commands.md": {
    "eval.model":
      "`npm run eval` lets a model call the tools, answers its questions as the person would, and judges by what is stored and said.",
    "eval.not-run":
      "`npm run eval` without a model says that nothing was evaluated and fails; half a configuration is refused with what is missing.",
  },
} satisfies Requirements;
