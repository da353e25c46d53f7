import type { zhFiles } from "./zh-files";

export const enFiles: Record<keyof typeof zhFiles, string> = {
  "files.attachments": "Attachments",
  "files.camera": "Take a photo",
  "files.cancel": "Cancel {name}",
  "files.checking": "Looking into the file…",
  "files.choose": "Choose files",
  "files.hint": "or drop them here: pictures up to 20 MB, PDF, Word and Excel up to 50 MB",
  "files.none": "No attachments yet",
  "files.pause": "Pause {name}",
  "files.progress": "Progress of {name}",
  "files.remove": "Remove {name}",
  "files.remove.consequence": "Nobody will see it any more; the original is kept as evidence.",
  "files.remove.ok": "Remove",
  "files.remove.reason": "Reason",
  "files.remove.title": "Remove {name}?",
  "files.removed": "Removed",
  "files.resume": "Go on with {name}",
  "files.save": "Download {name}",
  "files.show": "Show {name}",
  "files.underWay": "Uploading",
  "files.waiting": "Paused; go on whenever you like",
};
