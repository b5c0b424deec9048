from policy import Policy


def permits(text, role="guest", action="read"):
    return Policy(text).permits(role, action)


def test_order_of_rules_does_not_matter():
    assert permits("allow guest read\ndeny * *") is False
    assert permits("deny * *\nallow guest read") is False
    assert permits("allow * *\nallow guest read\ndeny guest *") is False


def test_permissions():
    assert permits("allow guest read") is True
    assert permits("allow * *") is True
    assert permits("allow * read\nallow guest *") is True


def test_denial_of_others():
    assert permits("allow * read\ndeny editor read") is True
    assert permits("allow * read\ndeny guest write") is True


def test_nothing_applies():
    assert permits("") is False
    assert permits("deny guest read") is False
    assert permits("allow editor read") is False


def test_actions():
    policy = Policy("allow * *\ndeny guest write\ndeny * delete")
    assert policy.actions("guest", ["read", "write", "delete"]) == ["read"]
    assert policy.actions("editor", ["read", "write", "delete"]) == ["read", "write"]
