//! What the owner does: answers, marks, throws away, sends drafts.
use super::letters::{Letter, OWN, plain};
use super::world::{Event, INBOXES, Kind, World};
use chrono::TimeDelta;
use fuseau::mailbox::Flags;

impl World {
    /// The owner deals with a mail.
    pub fn owner(&mut self, mail: usize, how: u8) {
        if self.mails[mail].answered_at.is_some() || self.mails[mail].gone_at.is_some() {
            return;
        }
        self.say(&format!("the owner takes mail {mail}, {how}"));
        let now = self.now();
        match how {
            // Only the flag: answered from a program that files nothing.
            0 => {
                self.mark_answered(mail);
                self.mails[mail].answered_at = Some(now);
            }
            // Away with it.
            1 | 2 => {
                self.take_away(mail);
                self.mails[mail].gone_at = Some(now);
            }
            _ => {
                let sender = self.people[self.mails[mail].person].account;
                let parent = self.mails[mail].id.clone().map(|id| (id, self.mails[mail].references.clone()));
                let fresh = how == 3 || parent.is_none();
                let (person, to) = (self.mails[mail].person, self.mails[mail].from.clone());
                let subject = format!("Re: {}", self.mails[mail].subject);
                let answer = self.letter(&Letter {
                    kind: Kind::Owner,
                    parent: if fresh { None } else { parent },
                    ..plain(person, OWN[sender], &to, &subject, "Here is your answer.")
                });
                self.put(sender, "Sent", answer, Flags { seen: true, ..Flags::default() });
                if how >= 6 {
                    self.mark_answered(mail);
                }
                // A flag on what is then put away is seen by nobody: only this Sent folder tells of it.
                if how < 6 || how == 9 {
                    self.mails[mail].answered_from = Some(sender);
                }
                self.mails[mail].answered_at = Some(now);
                let delay = self.rng.between(1, 300);
                self.plan(now + TimeDelta::minutes(delay), Event::Answered { mail: answer });
                if how == 9 {
                    self.take_away(mail);
                    self.mails[mail].gone_at = Some(now);
                }
            }
        }
    }

    fn mark_answered(&mut self, mail: usize) {
        for one in self.accounts.iter_mut().flat_map(|a| a.folders.values_mut()).flat_map(|f| &mut f.lying) {
            if one.mail == mail {
                one.flags.answered = true;
            }
        }
    }

    fn take_away(&mut self, mail: usize) {
        self.mails[mail].was_gone = true;
        for account in &mut self.accounts {
            for (name, folder) in &mut account.folders {
                if INBOXES.contains(name) {
                    folder.lying.retain(|one| one.mail != mail);
                }
            }
        }
    }

    /// The owner sends the oldest draft by hand.
    pub fn send_draft(&mut self, account: usize) {
        let drafts = self.accounts[account].folders.get_mut("Drafts").unwrap();
        if drafts.lying.is_empty() {
            return;
        }
        let draft = drafts.lying.remove(0);
        self.put(account, "Sent", draft.mail, Flags { seen: true, ..Flags::default() });
        self.say(&format!("{account} the owner sends a draft"));
    }
}
