;;; A session of a user in a real Emacs: open, break, save, see it, take the repair, see it mended.  -*- lexical-binding: t -*-
;; Run by emacs.py, which makes the project and writes the documented configuration to a file.

(require 'package)
(package-initialize)
(require 'project)
(load (getenv "TRACEMEND_CONFIGURATION"))
(require 'flymake)
(require 'cl-lib)
(require 'seq)

(defvar story-start (float-time))
(defvar story-broken "    return sum(xs) + 1")

;; Nobody can answer here.
(setq make-backup-files nil eglot-sync-connect 120 eglot-connect-timeout 120 eglot-confirm-server-edits nil
      eglot-confirm-server-initiated-edits nil)

(defun story-say (format &rest arguments)
  (message "%6.2f s  %s" (- (float-time) story-start) (apply #'format format arguments)))

(defun story-wait (what condition)
  "Wait until CONDITION holds, and say WHAT happened."
  (let ((end (+ (float-time) 240)))
    (while (and (not (funcall condition)) (< (float-time) end))
      (accept-process-output nil 0.05))
    (unless (funcall condition) (error "Waited in vain for: %s" what))
    (story-say "%s" what)))

(defun story-line ()
  (save-excursion
    (goto-char (point-min))
    (forward-line 1)
    (buffer-substring-no-properties (point) (line-end-position))))

(defun story-repair ()
  "Return the first repair that is offered on the second line."
  (goto-char (point-min))
  (forward-line 1)
  (seq-find (lambda (action) (string-prefix-p "Repair" (plist-get action :title)))
            (ignore-errors (eglot-code-actions (point) (line-end-position) "quickfix" nil))))

(defun story-press-the-lightbulb ()
  "Choose the first repair from the menu of eglot's own command."
  (goto-char (point-min))
  (forward-line 1)
  (let ((last-nonmenu-event ?x)) ; By key, not by mouse.
    (cl-letf (((symbol-function 'completing-read)
               (lambda (_prompt actions &rest _)
                 (seq-find (lambda (title) (string-prefix-p "Repair" title)) (mapcar #'car actions)))))
      (eglot-code-actions (point) (line-end-position) nil t))))

(defun story ()
  (find-file (getenv "TRACEMEND_FILE"))
  (apply #'eglot (eglot--guess-contact)) ; `eglot-ensure' waits for a command, and there is none in a batch.
  (story-wait "the server is there" #'eglot-current-server)
  (setq-local flymake-no-changes-timeout nil)
  (goto-char (point-min))
  (forward-line 1)
  (delete-region (point) (line-end-position))
  (insert story-broken)
  (eglot--signal-textDocument/didChange) ; An idle timer would do it, and a batch is never idle.
  (save-buffer)
  (story-wait "the broken line is marked"
              (lambda () (flymake-start) (flymake-diagnostics)))
  (story-wait "a repair is proven" #'story-repair)
  (story-say "    %s" (plist-get (story-repair) :title))
  (buffer-enable-undo)
  (undo-boundary)
  (story-press-the-lightbulb)
  (story-wait "the buffer has changed" (lambda () (not (equal (story-line) story-broken))))
  (eglot--signal-textDocument/didChange)
  (save-buffer)
  (story-wait "nothing is marked any more" (lambda () (flymake-start) (null (flymake-diagnostics))))
  (undo-boundary)
  (undo)
  (unless (equal (story-line) story-broken) (error "One undo does not take the repair back"))
  (story-say "one undo takes the repair back")
  (eglot-shutdown (eglot-current-server))
  (story-say "the server has left"))

(condition-case problem
    (progn (story) (kill-emacs 0))
  (error (story-say "FAILED: %S" problem) (kill-emacs 1)))
