from mails import Mail, Mailbox

SHOP = Mail("shop", "Sale")
AUNT = Mail("aunt", "Hello")


def test_sweep_one():
    box = Mailbox([AUNT, SHOP])
    assert box.sweep("shop") == 1
    assert box.mails == [AUNT]


def test_sweep_neighbours():
    box = Mailbox([SHOP, Mail("shop", "Last call"), AUNT])
    box.sweep("shop")
    assert box.mails == [AUNT]


def test_starred_mails_stay():
    box = Mailbox([Mail("shop", "Invoice", starred=True)])
    assert box.sweep("shop") == 0


def test_restore():
    box = Mailbox([SHOP, AUNT])
    box.sweep("shop")
    box.restore()
    assert box.mails == [AUNT, SHOP]
