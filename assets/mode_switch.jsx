import { AlertDialog, Button, Flex } from "@radix-ui/themes";
import { read } from "./studio.js";

/**
 * Goes from the visual editor to HTML, which cannot be taken back, and says so; and back while
 * nothing is written. What is in the form goes along.
 */
export function ModeSwitch({ form, visual, onHtml, onVisual }) {
  const fields = () => read(document.getElementById(form));
  const look = { type: "button", size: "1", variant: "ghost", color: "gray" };
  if (!visual) {
    return (
      <Button {...look} onClick={() => onVisual?.(fields())}>
        Write without code
      </Button>
    );
  }
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger>
        <Button {...look}>Edit as HTML</Button>
      </AlertDialog.Trigger>
      <AlertDialog.Content maxWidth="440px">
        <AlertDialog.Title size="4">Edit this email as HTML?</AlertDialog.Title>
        <AlertDialog.Description size="2">
          You go on with the HTML of what you see, or paste your own. This goes one way: HTML cannot
          be turned back into blocks. Versions that were saved before keep theirs.
        </AlertDialog.Description>
        <Flex gap="3" mt="4" justify="end" wrap="wrap">
          <AlertDialog.Cancel>
            <Button type="button" variant="soft" color="gray">
              Cancel
            </Button>
          </AlertDialog.Cancel>
          <AlertDialog.Action>
            <Button type="button" onClick={() => onHtml?.(fields())}>
              Edit as HTML
            </Button>
          </AlertDialog.Action>
        </Flex>
      </AlertDialog.Content>
    </AlertDialog.Root>
  );
}
