import type { Requirements } from "./requirement.ts";

export const clientsRequirements = {
  "docs/clients.md": {
    "clients.page":
      "The page of the clients shows, for each one with a file, the configuration that `npm run connect` prints.",
    "connect.prints":
      "`npm run connect -- CLIENT` prints what makes a client know the server of `--url`, or of the stack started last, and what to do then.",
    "connect.scope":
      "Where the deployment is elsewhere, `npm run connect` takes the scope and the sign-in's URLs from the server's own metadata, checked, and says so where it cannot: without `offline_access` people would sign in every hour.",
    "connect.files":
      "`npm run connect` finds each client's file on Windows, macOS and Linux, also where the person has moved it.",
    "connect.writes":
      "`--write` adds one entry to the client's file in one step: everything else stays, with comments, layout, line ends, permissions and links; a second time changes nothing.",
    "connect.keeps":
      "`--write` replaces no entry and changes no file that it does not understand, and says what to do.",
    "connect.undo":
      "`--undo` takes out the entry that `--write` wrote and nothing else; an entry that somebody changed stays.",
    "connect.gateway":
      "`npm run connect -- CLIENT --gateway` makes the client know the server's gateway by its URL alone, in its file or by hand, and refuses clients and options that the gateway does not take.",
    "connect.bridge":
      "For Claude Desktop, and with `--bridge` for every client with a file, `npm run connect` prints, writes and takes out the entry that starts the bridge, from whatever folder and with whatever PATH the client has; it writes none that the bridge would refuse for want of a client id.",
    "connect.refuses":
      "`npm run connect` refuses an unknown client, what a client cannot do, and URLs, names and ids that a shell could read as more, in words and without a change.",
  },
  "local/welcome.ts": {
    "start.connect":
      "`npm start` ends with the command that connects a client to this stack, whatever its port and folder.",
  },
} satisfies Requirements;
