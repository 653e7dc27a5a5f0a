// The usual short names of emoji, for texts and reactions that name them. A name that is not here is shown as it is.

const NAMES = `
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|ok_hand 👌|wave 👋|clap 👏|pray 🙏|raised_hands 🙌|muscle 💪|point_up ☝️|point_down 👇|point_left 👈|point_right 👉
v ✌️|crossed_fingers 🤞|handshake 🤝|writing_hand ✍️|raised_hand ✋|smile 😄|smiley 😃|grinning 😀|grin 😁|joy 😂|rofl 🤣|slightly_smiling_face 🙂|wink 😉
blush 😊|heart_eyes 😍|sunglasses 😎|thinking_face 🤔|neutral_face 😐|expressionless 😑|confused 😕|disappointed 😞|worried 😟|cry 😢|sob 😭|angry 😠|rage 😡
scream 😱|flushed 😳|sleeping 😴|zipper_mouth_face 🤐|face_with_rolling_eyes 🙄|upside_down_face 🙃|hugging_face 🤗|partying_face 🥳|exploding_head 🤯|robot_face 🤖
heart ❤️|broken_heart 💔|blue_heart 💙|green_heart 💚|yellow_heart 💛|purple_heart 💜|fire 🔥|star ⭐|sparkles ✨|zap ⚡|boom 💥|tada 🎉|confetti_ball 🎊|gift 🎁|trophy 🏆|medal 🏅
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|negative_squared_cross_mark ❎|no_entry ⛔|no_entry_sign 🚫|warning ⚠️|rotating_light 🚨|exclamation ❗|question ❓|grey_question ❔
bangbang ‼️|100 💯|information_source ℹ️|bulb 💡|bell 🔔|no_bell 🔕|mega 📣|speech_balloon 💬|thought_balloon 💭|eyes 👀|brain 🧠|busts_in_silhouette 👥|bust_in_silhouette 👤
rocket 🚀|airplane ✈️|car 🚗|house 🏠|office 🏢|earth_africa 🌍|globe_with_meridians 🌐|sunny ☀️|cloud ☁️|umbrella ☔|snowflake ❄️|rainbow 🌈|moon 🌙|hourglass ⌛
hourglass_flowing_sand ⏳|watch ⌚|alarm_clock ⏰|stopwatch ⏱️|calendar 📅|date 📅|spiral_calendar_pad 🗓️|memo 📝|pencil 📝|pencil2 ✏️|paperclip 📎|pushpin 📌|round_pushpin 📍
book 📖|books 📚|notebook 📓|newspaper 📰|bookmark 🔖|label 🏷️|page_facing_up 📄|clipboard 📋|file_folder 📁|open_file_folder 📂|card_index 📇|bar_chart 📊|chart_with_upwards_trend 📈|chart_with_downwards_trend 📉
mag 🔍|lock 🔒|unlock 🔓|key 🔑|hammer 🔨|wrench 🔧|hammer_and_wrench 🛠️|gear ⚙️|link 🔗|computer 💻|keyboard ⌨️|phone 📞|email 📧|envelope ✉️|inbox_tray 📥|outbox_tray 📤|package 📦|floppy_disk 💾
moneybag 💰|dollar 💵|credit_card 💳|coffee ☕|tea 🍵|beer 🍺|pizza 🍕|cake 🍰|apple 🍎|cat 🐱|dog 🐶|otter 🦦|bug 🐛|snake 🐍|turtle 🐢|bird 🐦|seedling 🌱|evergreen_tree 🌲|sunflower 🌻
arrow_up ⬆️|arrow_down ⬇️|arrow_left ⬅️|arrow_right ➡️|arrows_counterclockwise 🔄|repeat 🔁|arrow_forward ▶️|double_vertical_bar ⏸️|black_square_for_stop ⏹️|stop_button ⏹️|octagonal_sign 🛑
red_circle 🔴|large_orange_circle 🟠|large_yellow_circle 🟡|large_green_circle 🟢|large_blue_circle 🔵|white_circle ⚪|black_circle ⚫|large_green_square 🟩|large_red_square 🟥|heavy_plus_sign ➕|heavy_minus_sign ➖
one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|dart 🎯|game_die 🎲|musical_note 🎵|art 🎨|camera 📷|movie_camera 🎥|mortar_board 🎓|student 🧑‍🎓|teacher 🧑‍🏫|test_tube 🧪|microscope 🔬|telescope 🔭`;

const TABLE = new Map(NAMES.trim().split(/[|\n]/).map((pair) => pair.trim().split(" ")));

// The character of a short name, or nothing.
export function emoji(name) {
  return TABLE.get(name.replace(/::skin-tone-\d$/, ""));
}

// Names that begin so, with their characters.
export function emojiFrom(start, most) {
  return [...TABLE].filter(([name]) => name.startsWith(start)).slice(0, most);
}
