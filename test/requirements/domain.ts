import type { Requirements } from "./requirement.ts";

export const domainRequirements = {
  "src/define-domain.ts": {
    "domain.one-value":
      "All that a server is about is one value: its names, texts, settings, containers and tools are what clients, models and people see, and one line names it.",
    "domain.own-containers":
      "A domain with a container of the name that the gateway's own has is refused where it is defined, with the name.",
    "domain.settings-together":
      "A domain's own settings are read and reported in one message with the server's, whose names they cannot take.",
    "domain.scope":
      "What people read of the scope on the sign-in and consent pages names what its tools delete, that they read the profile, and what administrators see.",
  },
  "examples/vacations/README.md": {
    "domain.second":
      "A second domain is served as the sample is: people sign in with clients of every kind, list, store, approve by either way, see nothing of each other, and find everything again after a restart; the authorization suite and the doctor find nothing wrong with it.",
    "domain.start":
      "`npm start -- --domain FOLDER` serves the domain of a folder, over a database of its own, and says so where there is none.",
    "vacations.request":
      "`request_vacation` stores the days of the caller and tells how many are left of the year; what overlaps, has no working day in it or takes more than is left is refused with what to do.",
    "vacations.repeat":
      "A request that is repeated unchanged, however many times at once, is stored once and has the same answer.",
    "vacations.list":
      "`list_vacations` lists the caller's own vacations of a year, earliest first, and how many working days are left.",
    "vacations.unreadable":
      "A stored vacation that cannot be read is named and hides no other; until it is gone nothing new is requested, since it may take days.",
    "vacations.year":
      "`vacations://me/years/{year}.json` holds the caller's own vacations of a year; a year is completed, and what is none is told to be none.",
    "vacations.plan":
      "`plan_vacation` says how many working days to find and what the person wishes, as data.",
    "vacations.cancel":
      "`cancel_vacation` cancels what the person has agreed to and nothing that has taken its place; an unknown vacation and another person's have the same answer.",
  },
  "scripts/domain-files.ts": {
    "domain.generated-files":
      "Every file that follows from the domain is as `npm run build` writes it, and another domain changes each of them.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/server/tools": {
    "domain.described":
      "Every field of every tool's input has a type and a description that a model can work with.",
  },
  "docs/architecture.md, Errors": {
    "tools.store-down":
      "While the store cannot be reached, every tool says so in plain words and nothing more.",
  },
} satisfies Requirements;
