import { useEffect, useRef, useState } from "react";
import { Button, Callout, Dialog, Flex, Text, TextField } from "@radix-ui/themes";
import { ChipLine } from "$/public/chip_field.jsx";

// An email's text is at most this wide.
const WIDEST = 512;

/** Send an image to the server; `{url, width}` of where inboxes find it, or an error to show. */
export async function upload(file) {
  const form = new FormData();
  form.append("file", file);
  const answer = await fetch("/api/v1/images", { method: "POST", body: form });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.detail || "The image could not be uploaded. Try again.");
  const width = await createImageBitmap(file).then((image) => image.width, () => 0);
  return { src: said.url, width: width ? String(Math.min(width, WIDEST)) : null };
}

function Ask({ title, open, onClose, onApply, apply = "Apply", problem, remove, children }) {
  return (
    <Dialog.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <Dialog.Content
        maxWidth="460px"
        aria-describedby={undefined}
        onKeyDown={(event) => event.stopPropagation()}
        onCloseAutoFocus={(event) => event.preventDefault()}
      >
        <Dialog.Title size="4">{title}</Dialog.Title>
        <Flex
          direction="column"
          gap="3"
          onKeyDown={(event) => {
            if (event.key === "Enter" && event.target.matches("input:not([type=file])")) {
              event.preventDefault();
              onApply();
            }
          }}
        >
          {children}
          {problem && (
            <Callout.Root color="red" size="1" role="alert">
              <Callout.Text>{problem}</Callout.Text>
            </Callout.Root>
          )}
          <Flex gap="3" justify="end" mt="2">
            {remove && (
              <Button type="button" variant="soft" color="red" onClick={remove}>
                Remove
              </Button>
            )}
            <Dialog.Close>
              <Button type="button" variant="soft" color="gray">
                Cancel
              </Button>
            </Dialog.Close>
            <Button type="button" onClick={onApply}>
              {apply}
            </Button>
          </Flex>
        </Flex>
      </Dialog.Content>
    </Dialog.Root>
  );
}

const Labelled = ({ label, htmlFor, hint, children }) => (
  <Flex direction="column" gap="1">
    <Text as={htmlFor ? "label" : "div"} htmlFor={htmlFor} size="2" weight="medium">
      {label}
    </Text>
    {children}
    {hint && (
      <Text size="1" color="gray">
        {hint}
      </Text>
    )}
  </Flex>
);

/** Asks where a link or a button leads; variables can be part of it. */
export function LinkDialog({ open, href = "", groups, onApply, onRemove, onClose }) {
  const [address, setAddress] = useState(href);
  useEffect(() => setAddress(href), [open, href]);
  const done = () => onApply(address.trim());
  return (
    <Ask title="Link" open={open} onClose={onClose} onApply={done} remove={onRemove}>
      <Labelled
        label="Address"
        hint="A web page, an email address, or a variable such as the website of the program."
      >
        <ChipLine
          label="Address"
          value={href === "#" ? "" : href}
          placeholder="https://…"
          groups={groups}
          autoFocus
          onChange={setAddress}
          onEnter={done}
        />
      </Labelled>
    </Ask>
  );
}

/** Asks for an image, by upload or by address, and what it says where images are off. */
export function ImageDialog({ open, image, groups, onApply, onClose }) {
  const [given, setGiven] = useState({});
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const chosen = useRef(null);
  useEffect(() => {
    setGiven(image ?? {});
    setProblem("");
  }, [open]);
  const set = (changes) => setGiven((now) => ({ ...now, ...changes }));
  const take = async (file) => {
    if (!file) return;
    setBusy(true);
    setProblem("");
    try {
      set(await upload(file));
    } catch (error) {
      setProblem(error.message);
    }
    setBusy(false);
    if (chosen.current) chosen.current.value = "";
  };
  const done = () => {
    if (!given.src?.trim()) return setProblem("Choose an image first, or enter its address.");
    return onApply({
      src: given.src.trim(),
      alt: given.alt?.trim() ?? "",
      width: given.width || null,
      href: given.href?.trim() || null,
    });
  };
  return (
    <Ask
      title="Image"
      open={open}
      onClose={onClose}
      onApply={done}
      apply={image?.src ? "Apply" : "Insert"}
      problem={problem}
    >
      <Labelled label="Upload" htmlFor="image-file" hint="PNG, JPEG, GIF or WebP, up to 5 MB.">
        <input
          id="image-file"
          ref={chosen}
          type="file"
          accept="image/png,image/jpeg,image/gif,image/webp"
          onChange={(event) => take(event.target.files?.[0])}
        />
      </Labelled>
      <Labelled label="Or its address" htmlFor="image-src">
        <TextField.Root
          id="image-src"
          value={given.src ?? ""}
          placeholder={busy ? "Uploading…" : "https://…"}
          disabled={busy}
          onChange={(event) => set({ src: event.target.value })}
        />
      </Labelled>
      {given.src && (
        <img src={given.src} alt="" className="image-chosen" />
      )}
      <Labelled
        label="Description"
        htmlFor="image-alt"
        hint="Read out, and shown while images are off. Empty for mere decoration."
      >
        <TextField.Root
          id="image-alt"
          value={given.alt ?? ""}
          onChange={(event) => set({ alt: event.target.value })}
        />
      </Labelled>
      <Labelled label="Width in pixels" htmlFor="image-width">
        <TextField.Root
          id="image-width"
          inputMode="numeric"
          placeholder="as it is"
          value={given.width ?? ""}
          onChange={(event) => set({ width: event.target.value.replace(/\D/g, "").slice(0, 4) })}
        />
      </Labelled>
      <Labelled label="Leads to">
        <ChipLine
          key={open}
          label="Leads to"
          value={image?.href ?? ""}
          placeholder="nowhere"
          groups={groups}
          onChange={(href) => set({ href })}
          onEnter={done}
        />
      </Labelled>
    </Ask>
  );
}
