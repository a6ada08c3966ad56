//! From the server's IDLE notice to the accepted reply, one mail at a time; fuseau, the pipelined floor and Sieve take
//! turns, so that all of them meet the same machine.
use super::daemon::{Daemon, Mailbox, Setup};
use super::lab::{Lab, disk, disk_words};
use super::lmtp::Lmtp;
use super::proxy::Proxy;
use super::table::{Row, Samples, ms};
use super::{floor, noise::Noise};
use anyhow::{Context, Result, bail};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Rounds of the figure without a delay.
const ROUNDS: usize = 50;
/// Rounds with one.
const SLOW_ROUNDS: usize = 12;
/// Longest wait for one reply.
const PATIENCE: Duration = Duration::from_secs(15);

/// Times of one contestant.
#[derive(Debug, Default)]
struct Times {
    /// Notice at the client -> reply accepted.
    reaction: Vec<Duration>,
    /// Delivered -> notice at the client.
    notice: Vec<Duration>,
    /// Delivered -> reply accepted.
    whole: Vec<Duration>,
    /// Times that the client spoke after it was spoken to, from the notice to the reply.
    flights: Vec<usize>,
    lost: usize,
}

impl Times {
    fn note(&mut self, sent: Instant, notice: Option<Instant>, reply: Option<Instant>) {
        let Some(reply) = reply else {
            self.lost += 1;
            return;
        };
        self.whole.push(reply - sent);
        if let Some(notice) = notice.filter(|notice| *notice <= reply) {
            self.reaction.push(reply - notice);
            self.notice.push(notice - sent);
        }
    }

    fn samples(&self) -> Samples {
        Samples::new(self.reaction.clone())
    }

    /// Round trips of the median mail: each flight is one, but for the last, whose answer comes after the reply is
    /// accepted.
    fn trips(&self) -> f64 {
        let mut flights = self.flights.clone();
        flights.sort_unstable();
        let median = flights.get(flights.len() / 2).copied().unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        let trips = median as f64 - 0.5;
        trips
    }

    fn lost_words(&self) -> String {
        if self.lost == 0 { String::new() } else { format!(", {} UNANSWERED", self.lost) }
    }
}

/// fuseau and the floor, both idling, each behind a proxy of its own.
struct Contest {
    ours: String,
    theirs: String,
    our_proxy: Proxy,
    their_proxy: Proxy,
    our_smtp: Proxy,
    their_smtp: Proxy,
    daemon: Daemon,
    floor: tokio::task::JoinHandle<Result<()>>,
    lmtp: Lmtp,
    noise: Noise,
}

impl Contest {
    async fn start(lab: &Lab, name: &str, one_way: Duration) -> Result<Self> {
        let (ours, theirs) = (format!("{name}ours"), format!("{name}floor"));
        lab.add_users([ours.as_str(), theirs.as_str()]).await?;
        let our_proxy = Proxy::open(lab.imap, one_way).await?;
        let their_proxy = Proxy::open(lab.imap, one_way).await?;
        let our_smtp = Proxy::open(lab.sink.port, one_way).await?;
        let their_smtp = Proxy::open(lab.sink.port, one_way).await?;
        // Without a delay nothing stands between a contestant and the sink.
        let direct = one_way.is_zero().then_some(lab.sink.port);
        let setup = Setup::sending(lab.dir.join(name));
        let config =
            setup.write(&[Mailbox { user: &ours, imap: our_proxy.port, smtp: direct.unwrap_or(our_smtp.port) }])?;
        let mut daemon = Daemon::start(&config)?;
        let (port, smtp, user) = (their_proxy.port, direct.unwrap_or(their_smtp.port), theirs.clone());
        let floor = tokio::spawn(async move { floor::answer_all(port, smtp, &user).await });
        let both = async {
            their_proxy.idling(PATIENCE).await.context("the floor")?;
            our_proxy.idling(Duration::from_secs(30)).await.context("fuseau")
        };
        if let Err(error) = both.await {
            daemon.alive()?;
            return Err(error);
        }
        let lmtp = Lmtp::connect(lab.lmtp).await?;
        Ok(Self {
            ours,
            theirs,
            our_proxy,
            their_proxy,
            our_smtp,
            their_smtp,
            daemon,
            floor,
            lmtp,
            noise: Noise::new(11),
        })
    }

    async fn one(&mut self, lab: &Lab, is_ours: bool, token: &str, times: &mut Times) -> Result<()> {
        let (user, proxy, smtp) = match is_ours {
            true => (&self.ours, &self.our_proxy, &self.our_smtp),
            false => (&self.theirs, &self.their_proxy, &self.their_smtp),
        };
        let sent = self.lmtp.deliver(user, token).await?;
        let reply = lab.sink.reply_to(token, PATIENCE).await;
        let notice = proxy.notice_after(sent);
        times.note(sent, notice, reply);
        if let (Some(notice), Some(reply)) = (notice, reply) {
            times.flights.push(proxy.flights(notice, reply) + smtp.flights(notice, reply));
        }
        // Not in step with the server's own half-second.
        sleep(Duration::from_millis(60 + self.noise.below(200))).await;
        if self.floor.is_finished() {
            bail!("the floor gave up");
        }
        self.daemon.alive()
    }

    async fn stop(self) -> Result<()> {
        self.floor.abort();
        self.daemon.stop().await
    }
}

/// The figure on loopback.
pub async fn reaction(lab: &Lab) -> Result<Vec<Row>> {
    let mut contest = Contest::start(lab, "react", Duration::ZERO).await?;
    lab.add_sieve_user("reactsieve").await?;
    let (mut ours, mut theirs, mut sieve, mut writes) = (Times::default(), Times::default(), Times::default(), vec![]);
    // The first mail of a connection pays for what the others do not: one each is not counted.
    contest.one(lab, true, "reactwarm-a", &mut Times::default()).await?;
    contest.one(lab, false, "reactwarm-b", &mut Times::default()).await?;
    for round in 0..ROUNDS {
        contest.one(lab, true, &format!("reacta{round}"), &mut ours).await?;
        contest.one(lab, false, &format!("reactb{round}"), &mut theirs).await?;
        let token = format!("reactc{round}");
        let sent = contest.lmtp.deliver("reactsieve", &token).await?;
        sieve.note(sent, None, lab.sink.reply_to(&token, PATIENCE).await);
        writes.extend(disk(&lab.dir, 6)?);
    }
    contest.stop().await?;

    let (us, floor, writes) = (ours.samples(), theirs.samples(), Samples::new(writes));
    let allowed = floor.at(0.5) * 2 + writes.at(0.5) * 4;
    let (whole, notice) = (Samples::new(ours.whole.clone()), Samples::new(ours.notice.clone()));
    let ratio = whole.at(0.5).as_secs_f64() / notice.at(0.5).as_secs_f64().max(f64::EPSILON);
    let answered = ours.lost == 0 && us.len() > 0;
    Ok(vec![
        Row::with_goal(
            "fuseau, notice -> reply accepted, durable outbox",
            format!("{}{}", us.millis(), ours.lost_words()),
            format!("p50 at most {} ms: 2 x floor + 4 x fdatasync", ms(allowed)),
            answered && us.at(0.5) <= allowed,
        ),
        Row::plain("pipelined floor, notice -> reply accepted, nothing kept", floor.millis() + &theirs.lost_words()),
        Row::plain("fdatasync", disk_words(&writes)),
        Row::with_goal(
            "fuseau, delivery -> reply accepted",
            whole.millis(),
            format!("p50 at most 1.03 x delivery -> notice ({} ms), is {ratio:.3} x", ms(notice.at(0.5))),
            answered && ratio <= 1.03,
        ),
        Row::plain(
            "Sieve vacation, delivery -> reply accepted",
            Samples::new(sieve.whole.clone()).millis() + &sieve.lost_words(),
        ),
    ])
}

/// Round trips, by making each of them cost 40 ms.
pub async fn round_trips(lab: &Lab) -> Result<Vec<Row>> {
    let one_way = Duration::from_millis(20);
    let mut contest = Contest::start(lab, "trips", one_way).await?;
    let (mut ours, mut theirs) = (Times::default(), Times::default());
    contest.one(lab, true, "tripswarm-a", &mut Times::default()).await?;
    contest.one(lab, false, "tripswarm-b", &mut Times::default()).await?;
    for round in 0..SLOW_ROUNDS {
        contest.one(lab, true, &format!("tripsa{round}"), &mut ours).await?;
        contest.one(lab, false, &format!("tripsb{round}"), &mut theirs).await?;
    }
    contest.stop().await?;
    let (us, floor) = (ours.trips(), theirs.trips());
    let words = |trips: f64, times: &Times| format!("{trips:.1}, {}{}", times.samples().millis(), times.lost_words());
    let few = ours.lost == 0 && !ours.flights.is_empty() && us <= 4.0;
    Ok(vec![
        Row::with_goal("fuseau, round trips notice -> reply accepted", words(us, &ours), "at most 4", few),
        Row::plain("pipelined floor, round trips", words(floor, &theirs)),
    ])
}
