import type { Answer } from "../../core/endpoint.ts";
import { html } from "../../core/html.ts";
import { pageAnswer } from "../pages/page.ts";

/** A page that says something, and leads to the list of connections. */
export interface MessagePage {
  readonly status: number;
  readonly title: string;
  readonly message: string;
  /** Text of the link. Where there is no session the list is behind a sign-in. */
  readonly link: string;
  readonly setCookie?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** @param path of the list of connections */
export function messagePage({ message, link, ...page }: MessagePage, path: string): Answer {
  return pageAnswer({
    ...page,
    body: html`<p>${message}</p>
<p><a href="${path}">${link}</a></p>`,
  });
}

const outOfReach = {
  status: 503,
  title: "Try again in a minute",
  link: "Show my connections",
  retryAfterSeconds: 10,
};

/** What a person is told in place of the list. */
export const messages = {
  notShown: {
    ...outOfReach,
    message: "Your connections cannot be shown right now. This server cannot reach what it needs.",
  },
  endedNotShown: {
    ...outOfReach,
    message: "It has ended. What is left of your connections cannot be shown right now.",
  },
  notChanged: {
    ...outOfReach,
    message: "Nothing has been changed. This server cannot reach what it needs right now.",
  },
  notAllEnded: {
    ...outOfReach,
    message:
      "This server could not do all of it right now. Look at your connections in a minute, and end what is still there.",
  },
  sessionOver: {
    status: 403,
    title: "Sign in again",
    message:
      "Nothing has been changed: your ten minutes on this page are over, or you have signed out of it.",
    link: "Sign in and show my connections",
  },
  foreignForm: {
    status: 403,
    title: "Nothing has been changed",
    message:
      "What was sent is not what this page has shown you since you signed in. If another website sent you here, do not trust it.",
    link: "Show my connections",
  },
  noSuchConnection: {
    status: 404,
    title: "No such connection",
    message: "There is no such connection. It may have ended already.",
    link: "Show my connections",
  },
  signedOut: {
    status: 200,
    title: "Signed out",
    message:
      "You are signed out of this page. Your connections go on, and you are still signed in with Microsoft.",
    link: "Sign in and show my connections",
  },
} satisfies Readonly<Record<string, MessagePage>>;
