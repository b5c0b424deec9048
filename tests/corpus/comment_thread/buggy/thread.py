"""Discussion threads: comments with replies to any depth."""

from dataclasses import dataclass, field


@dataclass
class Comment:
    author: str
    text: str
    replies: list = field(default_factory=list)

    def reply(self, author, text):
        answer = Comment(author, text)
        self.replies.append(answer)
        return answer


def flatten(comment):
    """The comment and everything below it, in reading order."""
    result = [comment]
    for reply in comment.replies:
        result.append(flatten(reply))
    return result


def authors(comment):
    """Everybody who took part, each once, in order of first appearance."""
    return list(dict.fromkeys(entry.author for entry in flatten(comment)))


def longest(comment):
    return max(flatten(comment), key=lambda entry: len(entry.text))
