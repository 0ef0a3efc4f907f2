import type { Requirement } from "./requirement.ts";

const page = "examples/vacations/README.md";

export const domainRequirements = [
  {
    id: "domain.one-value",
    what: "All that a server is about is one value: its names, texts, settings, containers and tools are what clients, models and people see, and one line names it.",
    source: "src/define-domain.ts",
  },
  {
    id: "domain.second",
    what: "A second domain is served as the sample is: people sign in with clients of every kind, list, store, approve by either way, see nothing of each other, and find everything again after a restart; the authorization suite and the doctor find nothing wrong with it.",
    source: page,
  },
  {
    id: "domain.settings-together",
    what: "A domain's own settings are read and reported in one message with the server's, whose names they cannot take.",
    source: "src/define-domain.ts",
  },
  {
    id: "domain.generated-files",
    what: "Every file that follows from the domain is as `npm run build` writes it, and another domain changes each of them.",
    source: "scripts/domain-files.ts",
  },
  {
    id: "domain.start",
    what: "`npm start -- --domain FOLDER` serves the domain of a folder, over a database of its own, and says so where there is none.",
    source: page,
  },
  {
    id: "domain.scope",
    what: "What people read of the scope on the sign-in and consent pages names what its tools delete, that they read the profile, and what administrators see.",
    source: "src/define-domain.ts",
  },
  {
    id: "domain.described",
    what: "Every field of every tool's input has a type and a description that a model can work with.",
    source: "https://modelcontextprotocol.io/specification/2026-07-28/server/tools",
  },
  {
    id: "tools.store-down",
    what: "While the store cannot be reached, every tool says so in plain words and nothing more.",
    source: "docs/architecture.md, Errors",
  },
  {
    id: "vacations.request",
    what: "`request_vacation` stores the days of the caller and tells how many are left of the year; what overlaps, has no working day in it or takes more than is left is refused with what to do.",
    source: page,
  },
  {
    id: "vacations.repeat",
    what: "A request that is repeated unchanged, however many times at once, is stored once and has the same answer.",
    source: page,
  },
  {
    id: "vacations.list",
    what: "`list_vacations` lists the caller's own vacations of a year, earliest first, and how many working days are left.",
    source: page,
  },
  {
    id: "vacations.unreadable",
    what: "A stored vacation that cannot be read is named and hides no other; until it is gone nothing new is requested, since it may take days.",
    source: page,
  },
  {
    id: "vacations.cancel",
    what: "`cancel_vacation` cancels what the person has agreed to and nothing that has taken its place; an unknown vacation and another person's have the same answer.",
    source: page,
  },
] as const satisfies readonly Requirement[];
