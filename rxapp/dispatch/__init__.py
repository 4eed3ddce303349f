"""From a queued send to the provider's answer: never lost, never doubled."""
