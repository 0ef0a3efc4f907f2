import type { Requirements } from "./requirement.ts";

const specification =
  "https://github.com/modelcontextprotocol/ext-apps/blob/main/specification/2026-01-26/apps.mdx";

export const viewRequirements = {
  [specification]: {
    "view.opens":
      "Tools name the view of their answers in `_meta.ui`, and `ui://expenses/view.html` is read as a resource of the type that hosts of MCP Apps know, by clients of both eras.",
    "view.one-file":
      "The view is one HTML file of less than 200 KB compressed, which the server loads when somebody asks for it.",
    "view.strict-policy":
      "The view works in a sandbox that allows scripts alone, breaks no strict content security policy, makes no HTML of text, and asks the network for nothing.",
    "view.host-looks":
      "The view takes on the host's theme and style variables, also when they change.",
  },
  "docs/view.md": {
    "view.locale": "Amounts and days are written in the host's language, and today is the host's.",
    "view.charts":
      "Months and categories are shown as charts, each of which is also a table with the same figures.",
    "view.list": "The list has filters, orders and pages.",
    "view.opening": "The view begins with what the tool was asked that opened it.",
    "view.add": "An expense is added once, also when the answer to the first try was lost.",
    "view.amounts": "What is typed as an amount is read one way or refused, never guessed.",
    "view.edit":
      "A change sends what differs, with the version that was read; where somebody else was faster, the view shows what it says by now and keeps what was written.",
    "view.delete": "An expense is deleted after the server's own question was answered with yes.",
    "view.receipts": "A receipt is attached from a file, and shown as an image without a request.",
    "view.statement":
      "A statement is read from a file or from pasted lines; what can be read in several ways is asked, lines can be left out, and nothing is added before the person agrees.",
    "view.export": "Months are handed out as files by the host, or shown where it saves none.",
    "view.errors": "What a tool refuses is shown in its own words, and can be tried again.",
    "view.accessible":
      "Every screen can be used by keyboard and has no finding of the accessibility checker.",
    "view.narrow": "Nothing is wider than a narrow screen.",
    "view.without-tools": "In a host that passes on no calls of tools, the view says so.",
  },
} satisfies Requirements;
