"""The way to an incident about webhooks that come again."""

from datetime import timedelta


async def news_repeated(scene):
    if scene.now.minute > 50:
        scene.later(minutes=15)  # three looks stay within one hour
    await an_hour(scene, answered=120, stored=100)
    yield
    await an_hour(scene, answered=120, stored=118)


async def an_hour(scene, answered, stored):
    """The last full hour of the account, and traffic as ever since: as the pulse of web workers and
    the counting of deliveries write it."""
    began = scene.now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    await scene.sql("DELETE FROM hook_minute")
    await scene.sql(
        """INSERT INTO hook_minute (account_id, minute, worker, answered, refused, failed, times)
           SELECT account.id, at, 'web', CASE WHEN at < $1::timestamptz + interval '1 hour'
                  THEN $2::integer / 60 ELSE 2 END, 0, 0, '{}'
             FROM account, generate_series($1, $3::timestamptz + interval '10 minutes',
                                           interval '1 minute') AS at
            WHERE account.code = 'sm-demo'""",
        began, answered, scene.now,
    )  # fmt: skip
    await scene.sql(
        """INSERT INTO account_hour (account_id, hour, deliveries)
           SELECT id, $1, $2 FROM account WHERE code = 'sm-demo'
           ON CONFLICT (account_id, hour) DO UPDATE SET deliveries = excluded.deliveries""",
        began, stored,
    )  # fmt: skip
    await scene.sql("UPDATE fact_mark SET until = $1 WHERE name = 'accounts'", scene.now)
