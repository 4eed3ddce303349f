import { useCallback, useEffect, useRef } from "react";
import { AlertDialog, Button, Flex } from "@radix-ui/themes";
import { useBlocker } from "react-router";

// While somebody types, the server hears of it a moment later than the person may leave.
const TYPED_JUST_NOW = 1000;

/**
 * Asks before changes in the form `form` are lost: `dirty` says there are some, as far as the
 * server has heard.
 *
 * Only what the person does is held up. The app itself moves on by replacing the address.
 */
export function LeaveGuard({ dirty = false, form, what = "changes" }) {
  const typed = useRef(0);
  const unsaved = useCallback(
    () => dirty || Date.now() - typed.current < TYPED_JUST_NOW,
    [dirty],
  );

  useEffect(() => {
    const note = (event) => {
      if (event.target.form?.id === form) typed.current = Date.now();
    };
    const forget = () => (typed.current = 0);
    document.addEventListener("input", note);
    document.addEventListener("submit", forget);
    return () => {
      document.removeEventListener("input", note);
      document.removeEventListener("submit", forget);
    };
  }, [form]);

  useEffect(() => {
    const stay = (event) => unsaved() && event.preventDefault();
    window.addEventListener("beforeunload", stay);
    return () => window.removeEventListener("beforeunload", stay);
  }, [unsaved]);

  const blocker = useBlocker(
    ({ currentLocation, nextLocation, historyAction }) =>
      historyAction !== "REPLACE" &&
      currentLocation.pathname !== nextLocation.pathname &&
      unsaved(),
  );

  return (
    <AlertDialog.Root
      open={blocker.state === "blocked"}
      onOpenChange={(open) => !open && blocker.state === "blocked" && blocker.reset()}
    >
      <AlertDialog.Content maxWidth="440px">
        <AlertDialog.Title size="4">Leave without saving?</AlertDialog.Title>
        <AlertDialog.Description size="2">
          {`Your ${what} have not been saved and will be lost.`}
        </AlertDialog.Description>
        <Flex gap="3" mt="4" justify="end" wrap="wrap">
          <AlertDialog.Cancel>
            <Button variant="soft" color="gray">
              Stay here
            </Button>
          </AlertDialog.Cancel>
          <AlertDialog.Action>
            <Button color="red" onClick={() => blocker.proceed?.()}>
              Leave
            </Button>
          </AlertDialog.Action>
        </Flex>
      </AlertDialog.Content>
    </AlertDialog.Root>
  );
}
